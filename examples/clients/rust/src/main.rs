//! Talks to Manyvox by tonic.

use manyvox::channel_service_client::ChannelServiceClient;
use manyvox::{ReceiveRequest, ReceiveStreamRequest, receive_stream_response::Event};
use tonic::metadata::MetadataValue;
use tonic::{Request, transport::Endpoint};
use tonic_types::StatusExt;

mod manyvox {
    tonic::include_proto!("manyvox.v1");
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let url = std::env::var("MANYVOX_URL").unwrap_or("http://localhost:5005".into());
    let token: MetadataValue<_> = format!("Bearer {}", std::env::var("TOKEN").unwrap_or_default()).parse()?;
    let connection = Endpoint::from_shared(url)?.connect().await?;
    let mut client = ChannelServiceClient::with_interceptor(connection, move |mut request: Request<()>| {
        request.metadata_mut().insert("authorization", token.clone());
        Ok(request)
    });

    // With a message_id the call may be made again: the assistant sees the message once.
    let message_id = uuid::Uuid::new_v4().to_string();
    for _ in 0..2 {
        let request = ReceiveRequest { sender: "me".into(), message: "hello".into(), message_id: message_id.clone(), ..Default::default() };
        println!("reply: {}", client.receive(request).await?.into_inner().replies[0].text());
    }

    let request = ReceiveStreamRequest { sender: "me".into(), message: "/stream 3".into(), ..Default::default() };
    let mut events = client.receive_stream(request).await?.into_inner();
    while let Some(response) = events.message().await? {
        if let Some(Event::Delta(delta)) = response.event {
            println!("delta: {}", delta.text);
        }
    }

    let request = ReceiveRequest { sender: "me".into(), metadata_json: "{".into(), ..Default::default() };
    if let Err(status) = client.receive(request).await {
        if let Some(info) = status.get_details_error_info() {
            println!("error: {:?} {}", status.code(), info.reason);
        }
    }
    Ok(())
}
