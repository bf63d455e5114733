//! The matrix program of tonic.

use std::{error::Error, io::BufRead, time::Duration};

use manyvox::channel_service_client::ChannelServiceClient;
use manyvox::conversation_service_client::ConversationServiceClient;
use manyvox::subscription_service_client::SubscriptionServiceClient;
use manyvox::{receive_stream_response, subscribe_response, *};
use serde_json::{Value, json};
use tonic::codec::CompressionEncoding::Gzip;
use tonic::transport::{Channel, Endpoint};
use tonic::{Code, Request, Status};
use tonic_types::StatusExt;

mod manyvox {
    tonic::include_proto!("manyvox.v1");
}

/// What to do.
#[derive(Clone)]
struct Command(Value);

impl Command {
    fn text(&self, key: &str) -> String {
        self.0[key].as_str().unwrap_or_default().to_string()
    }

    fn number(&self, key: &str) -> u64 {
        self.0[key].as_u64().unwrap_or_default()
    }

    fn is(&self, key: &str) -> bool {
        self.0[key].as_bool().unwrap_or_default()
    }

    /// A request with the token and the deadline.
    fn request<M>(&self, message: M) -> Request<M> {
        let mut request = Request::new(message);
        request.metadata_mut().insert("authorization", format!("Bearer {}", self.text("token")).parse().expect("a token of ASCII"));
        if self.number("timeout_ms") > 0 {
            request.set_timeout(Duration::from_millis(self.number("timeout_ms")));
        }
        request
    }
}

/// What was seen.
#[derive(Default)]
struct Seen {
    events: Vec<Value>,
    count: u64,
    cursor: String,
}

impl Seen {
    fn see(&mut self, kind: &str, text: &str, json: &str) {
        self.events.push(json!({"kind": kind, "text": text, "json": json}));
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    for line in std::io::stdin().lock().lines() {
        let command = Command(serde_json::from_str(&line?)?);
        let mut seen = Seen::default();
        let error = act(&command, &mut seen).await.err().map(failure);
        println!("{}", json!({"events": seen.events, "count": seen.count, "cursor": seen.cursor, "error": error}));
    }
    Ok(())
}

async fn act(c: &Command, seen: &mut Seen) -> Result<(), Status> {
    let mut endpoint = Endpoint::from_shared(format!("http://{}", c.text("at"))).expect("an address");
    if c.number("keepalive_ms") > 0 {
        endpoint = endpoint.http2_keep_alive_interval(Duration::from_millis(c.number("keepalive_ms")));
    }
    let connection = endpoint.connect().await.map_err(|e| Status::unavailable(e.to_string()))?;
    let mut channels = ChannelServiceClient::new(connection.clone()).accept_compressed(Gzip);
    if c.is("gzip") {
        channels = channels.send_compressed(Gzip);
    }
    match c.text("do").as_str() {
        "health" => health(channels, c, seen).await,
        "receive" => receive(channels, c, seen).await,
        "stream" => stream(channels, c, c.text("sender"), seen).await,
        "many" => many(channels, c, seen).await,
        "list" => list(connection, c, seen).await,
        "watch" => watch(connection, c, seen).await,
        _ => subscribe(connection, c, seen).await,
    }
}

async fn health(mut client: ChannelServiceClient<Channel>, c: &Command, seen: &mut Seen) -> Result<(), Status> {
    for channel in client.health(c.request(HealthRequest {})).await?.into_inner().channels {
        seen.see("channel", &channel.name, "");
    }
    Ok(())
}

/// tonic has no retry policy, so a loop repeats what the assistant has not seen.
async fn receive(mut client: ChannelServiceClient<Channel>, c: &Command, seen: &mut Seen) -> Result<(), Status> {
    let mut left = if c.is("retry") { 5 } else { 1 };
    let response = loop {
        let request = ReceiveRequest {
            sender: c.text("sender"),
            message: c.text("text"),
            message_id: c.text("message_id"),
            metadata_json: c.text("metadata_json"),
            ..Default::default()
        };
        left -= 1;
        match client.receive(c.request(request)).await {
            Err(status) if left > 0 && status.code() == Code::Unavailable => continue,
            outcome => break outcome?.into_inner(),
        }
    };
    for reply in response.replies {
        seen.see("reply", reply.text(), &reply.custom_json);
    }
    Ok(())
}

async fn stream(mut client: ChannelServiceClient<Channel>, c: &Command, sender: String, seen: &mut Seen) -> Result<(), Status> {
    let request = ReceiveStreamRequest { sender, message: c.text("text"), message_id: c.text("message_id"), ..Default::default() };
    let mut events = client.receive_stream(c.request(request)).await?.into_inner();
    while let Some(response) = events.message().await? {
        match response.event {
            Some(receive_stream_response::Event::Started(started)) => seen.see("started", &started.message_id, ""),
            Some(receive_stream_response::Event::Delta(delta)) => seen.see("delta", &delta.text, ""),
            Some(receive_stream_response::Event::Reply(reply)) => {
                let reply = reply.reply.unwrap_or_default();
                seen.see("reply", reply.text(), &reply.custom_json);
            }
            None => {} // a newer version's
        }
        if seen.events.len() as u64 == c.number("cancel_after") {
            break; // a stream that is dropped is cancelled
        }
    }
    Ok(())
}

async fn many(client: ChannelServiceClient<Channel>, c: &Command, seen: &mut Seen) -> Result<(), Status> {
    health(client.clone(), c, &mut Seen::default()).await?;
    let mut streams = tokio::task::JoinSet::new();
    for i in 0..c.number("count") {
        let (client, c) = (client.clone(), c.clone());
        streams.spawn(async move {
            let mut own = Seen::default();
            stream(client, &c, format!("sender-{i}"), &mut own).await?;
            Ok::<bool, Status>(own.events.last().is_some_and(|last| last["kind"] == "reply"))
        });
    }
    while let Some(done) = streams.join_next().await {
        seen.count += u64::from(done.expect("no panic")?);
    }
    Ok(())
}

async fn list(connection: Channel, c: &Command, seen: &mut Seen) -> Result<(), Status> {
    let mut client = ConversationServiceClient::new(connection);
    let mut page_token = String::new();
    loop {
        let page_size = c.number("page_size") as i32;
        let request = ListEventsRequest { channel: "rest".into(), sender: c.text("sender"), page_size, page_token, ..Default::default() };
        let page = client.list_events(c.request(request)).await?.into_inner();
        seen.count += 1;
        for event in page.events {
            seen.see("event", &event.cursor, "");
        }
        page_token = page.next_page_token;
        if page_token.is_empty() {
            return Ok(());
        }
    }
}

async fn watch(connection: Channel, c: &Command, seen: &mut Seen) -> Result<(), Status> {
    let request = WatchEventsRequest { channel: "rest".into(), sender: c.text("sender"), after: c.text("after") };
    let mut responses = ConversationServiceClient::new(connection).watch_events(c.request(request)).await?.into_inner();
    while (seen.events.len() as u64) < c.number("take") {
        let Some(response) = responses.message().await? else { break };
        seen.cursor = response.cursor;
        if let Some(event) = response.event {
            seen.see("event", &event.cursor, "");
        }
    }
    Ok(())
}

async fn subscribe(connection: Channel, c: &Command, seen: &mut Seen) -> Result<(), Status> {
    let request = SubscribeRequest { sender: c.text("sender"), after: c.text("after"), ..Default::default() };
    let mut responses = SubscriptionServiceClient::new(connection).subscribe(c.request(request)).await?.into_inner();
    while (seen.events.len() as u64) < c.number("take") {
        let Some(response) = responses.message().await? else { break };
        seen.cursor = response.cursor;
        if let Some(subscribe_response::Event::Said(said)) = response.event {
            for reply in said.replies {
                seen.see("said", reply.text(), "");
            }
        }
    }
    Ok(())
}

fn failure(status: Status) -> Value {
    let details = status.get_error_details();
    let code = format!("{:?}", status.code()).chars().enumerate().fold(String::new(), |mut name, (i, c)| {
        if i > 0 && c.is_uppercase() {
            name.push('_');
        }
        name.extend(c.to_lowercase());
        name
    });
    json!({
        "code": code,
        "reason": details.error_info().map_or("", |info| &info.reason),
        "field": details.bad_request().and_then(|bad| bad.field_violations.first()).map_or("", |violation| &violation.field),
        "retry_after": details.retry_info().and_then(|retry| retry.retry_delay).map_or(String::new(), |delay| delay.as_secs().to_string()),
    })
}
