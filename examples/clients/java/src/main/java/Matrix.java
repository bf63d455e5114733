import com.google.gson.Gson;
import com.google.rpc.BadRequest;
import com.google.rpc.ErrorInfo;
import com.google.rpc.RetryInfo;
import dev.manyvox.v1.ChannelServiceGrpc;
import dev.manyvox.v1.ConversationServiceGrpc;
import dev.manyvox.v1.HealthRequest;
import dev.manyvox.v1.ListEventsRequest;
import dev.manyvox.v1.ReceiveRequest;
import dev.manyvox.v1.ReceiveStreamRequest;
import dev.manyvox.v1.SubscribeRequest;
import dev.manyvox.v1.SubscriptionServiceGrpc;
import dev.manyvox.v1.WatchEventsRequest;
import io.grpc.Context;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.protobuf.StatusProto;
import io.grpc.stub.AbstractStub;
import io.grpc.stub.MetadataUtils;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/** The matrix program of grpc-java. */
public class Matrix {
  /** What to do. */
  static class Command {
    String at, token = "", sender = "", text = "", message_id = "", metadata_json = "", after = "";
    String $do;
    int timeout_ms, keepalive_ms, cancel_after, count, page_size, take;
    boolean gzip, retry;
  }

  record Event(String kind, String text, String json) {}

  /** An error that was seen. */
  static class Failure {
    String code, reason = "", field = "", retry_after = "";
  }

  /** What was seen. */
  static class Result {
    List<Event> events = new ArrayList<>();
    int count;
    String cursor = "";
    Failure error;

    void see(String kind, String text, String json) {
      events.add(new Event(kind, text, json));
    }
  }

  static final Gson GSON = new com.google.gson.GsonBuilder()
      .setFieldNamingStrategy(f -> f.getName().equals("$do") ? "do" : f.getName()).disableHtmlEscaping().create();

  public static void main(String[] args) throws Exception {
    var in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    var out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    for (String line; (line = in.readLine()) != null; ) {
      out.println(GSON.toJson(act(GSON.fromJson(line, Command.class))));
    }
    System.exit(0);
  }

  static Result act(Command c) throws Exception {
    var builder = NettyChannelBuilder.forTarget(c.at).usePlaintext().proxyDetector(a -> null);
    if (c.retry) {
      builder.defaultServiceConfig(Hello.RETRIES);
    }
    if (c.keepalive_ms > 0) {
      builder.keepAliveTime(c.keepalive_ms, TimeUnit.MILLISECONDS);
    }
    var channel = builder.build();
    var result = new Result();
    try {
      switch (c.$do) {
        case "health" -> health(channel, c, result);
        case "receive" -> receive(channel, c, result);
        case "stream" -> stream(channel, c, result);
        case "many" -> many(channel, c, result);
        case "list" -> list(channel, c, result);
        case "watch" -> watch(channel, c, result);
        default -> subscribe(channel, c, result);
      }
    } catch (StatusRuntimeException e) {
      result.error = failure(e);
    } finally {
      channel.shutdownNow();
    }
    return result;
  }

  /** Has a client send the token, and what else a command asks of its calls. */
  static <S extends AbstractStub<S>> S with(S client, Command c) {
    var headers = new Metadata();
    headers.put(Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER), "Bearer " + c.token);
    client = client.withInterceptors(MetadataUtils.newAttachHeadersInterceptor(headers));
    if (c.gzip) {
      client = client.withCompression("gzip");
    }
    return c.timeout_ms > 0 ? client.withDeadlineAfter(c.timeout_ms, TimeUnit.MILLISECONDS) : client;
  }

  static void health(ManagedChannel channel, Command c, Result r) {
    var response = with(ChannelServiceGrpc.newBlockingStub(channel), c).health(HealthRequest.getDefaultInstance());
    response.getChannelsList().forEach(one -> r.see("channel", one.getName(), ""));
  }

  static void receive(ManagedChannel channel, Command c, Result r) {
    var request = ReceiveRequest.newBuilder().setSender(c.sender).setMessage(c.text).setMessageId(c.message_id).setMetadataJson(c.metadata_json);
    var response = with(ChannelServiceGrpc.newBlockingStub(channel), c).receive(request.build());
    response.getRepliesList().forEach(reply -> r.see("reply", reply.getText(), reply.getCustomJson()));
  }

  static void stream(ManagedChannel channel, Command c, Result r) throws Exception {
    var request = ReceiveStreamRequest.newBuilder().setSender(c.sender).setMessage(c.text).setMessageId(c.message_id).build();
    var context = Context.current().withCancellation();
    context.call(() -> {
      var events = with(ChannelServiceGrpc.newBlockingStub(channel), c).receiveStream(request);
      while (events.hasNext()) {
        var event = events.next();
        switch (event.getEventCase()) {
          case STARTED -> r.see("started", event.getStarted().getMessageId(), "");
          case DELTA -> r.see("delta", event.getDelta().getText(), "");
          case REPLY -> r.see("reply", event.getReply().getReply().getText(), event.getReply().getReply().getCustomJson());
          default -> { } // a newer version's
        }
        if (r.events.size() == c.cancel_after) {
          context.cancel(null);
        }
      }
      return null;
    });
  }

  static void many(ManagedChannel channel, Command c, Result r) throws Exception {
    health(channel, c, new Result());
    var calls = new ArrayList<Callable<Boolean>>();
    for (int i = 0; i < c.count; i++) {
      var one = GSON.fromJson(GSON.toJson(c), Command.class);
      one.sender = "sender-" + i;
      calls.add(() -> {
        var own = new Result();
        stream(channel, one, own);
        return own.events.get(own.events.size() - 1).kind().equals("reply");
      });
    }
    var threads = Executors.newFixedThreadPool(c.count);
    for (var done : threads.invokeAll(calls)) {
      r.count += done.get() ? 1 : 0;
    }
    threads.shutdown();
  }

  static void list(ManagedChannel channel, Command c, Result r) {
    var request = ListEventsRequest.newBuilder().setChannel("rest").setSender(c.sender).setPageSize(c.page_size);
    do {
      var page = with(ConversationServiceGrpc.newBlockingStub(channel), c).listEvents(request.build());
      r.count++;
      page.getEventsList().forEach(event -> r.see("event", event.getCursor(), ""));
      request.setPageToken(page.getNextPageToken());
    } while (!request.getPageToken().isEmpty());
  }

  static void watch(ManagedChannel channel, Command c, Result r) {
    var request = WatchEventsRequest.newBuilder().setChannel("rest").setSender(c.sender).setAfter(c.after).build();
    var responses = with(ConversationServiceGrpc.newBlockingStub(channel), c).watchEvents(request);
    while (r.events.size() < c.take && responses.hasNext()) {
      var response = responses.next();
      r.cursor = response.getCursor();
      if (response.hasEvent()) {
        r.see("event", response.getEvent().getCursor(), "");
      }
    }
  }

  static void subscribe(ManagedChannel channel, Command c, Result r) {
    var request = SubscribeRequest.newBuilder().setSender(c.sender).setAfter(c.after).build();
    var responses = with(SubscriptionServiceGrpc.newBlockingStub(channel), c).subscribe(request);
    while (r.events.size() < c.take && responses.hasNext()) {
      var response = responses.next();
      r.cursor = response.getCursor();
      response.getSaid().getRepliesList().forEach(reply -> r.see("said", reply.getText(), ""));
    }
  }

  static Failure failure(StatusRuntimeException e) {
    var seen = new Failure();
    seen.code = e.getStatus().getCode().name().toLowerCase();
    try {
      for (var detail : StatusProto.fromThrowable(e).getDetailsList()) {
        if (detail.is(ErrorInfo.class)) {
          seen.reason = detail.unpack(ErrorInfo.class).getReason();
        } else if (detail.is(BadRequest.class)) {
          seen.field = detail.unpack(BadRequest.class).getFieldViolations(0).getField();
        } else if (detail.is(RetryInfo.class)) {
          seen.retry_after = String.valueOf(detail.unpack(RetryInfo.class).getRetryDelay().getSeconds());
        }
      }
    } catch (com.google.protobuf.InvalidProtocolBufferException broken) {
      seen.reason = broken.toString();
    }
    return seen;
  }
}
