import com.google.rpc.ErrorInfo;
import dev.manyvox.v1.ChannelServiceGrpc;
import dev.manyvox.v1.ReceiveRequest;
import dev.manyvox.v1.ReceiveStreamRequest;
import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.Metadata;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import io.grpc.stub.MetadataUtils;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/** Talks to Manyvox by grpc-java. */
public class Hello {
  // Has grpc-java repeat what the assistant has not seen.
  static final Map<String, ?> RETRIES = Map.of("methodConfig", List.of(Map.of("name", List.of(Map.of()), "retryPolicy", Map.of(
      "maxAttempts", 5.0, "initialBackoff", "0.1s", "maxBackoff", "2s", "backoffMultiplier", 2.0,
      "retryableStatusCodes", List.of("UNAVAILABLE")))));

  public static void main(String[] args) throws Exception {
    var address = System.getenv().getOrDefault("MANYVOX_ADDRESS", "localhost:5005");
    var channel = Grpc.newChannelBuilder(address, InsecureChannelCredentials.create()).defaultServiceConfig(RETRIES).build();
    var headers = new Metadata();
    headers.put(Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER), "Bearer " + System.getenv("TOKEN"));
    var client = ChannelServiceGrpc.newBlockingStub(channel).withInterceptors(MetadataUtils.newAttachHeadersInterceptor(headers));

    // With a message_id the call may be made again: the assistant sees the message once.
    var request = ReceiveRequest.newBuilder().setSender("me").setMessage("hello").setMessageId(UUID.randomUUID().toString()).build();
    for (int i = 0; i < 2; i++) {
      System.out.println("reply: " + client.receive(request).getReplies(0).getText());
    }

    var events = client.receiveStream(ReceiveStreamRequest.newBuilder().setSender("me").setMessage("/stream 3").build());
    while (events.hasNext()) {
      var event = events.next();
      if (event.hasDelta()) {
        System.out.println("delta: " + event.getDelta().getText());
      }
    }

    try {
      client.receive(ReceiveRequest.newBuilder().setSender("me").setMetadataJson("{").build());
    } catch (StatusRuntimeException e) {
      for (var detail : StatusProto.fromThrowable(e).getDetailsList()) {
        if (detail.is(ErrorInfo.class)) {
          System.out.println("error: " + e.getStatus().getCode() + " " + detail.unpack(ErrorInfo.class).getReason());
        }
      }
    }
    channel.shutdownNow();
  }
}
