# The matrix program of the gem grpc.
require "json"
require "google/protobuf/well_known_types"
require "google/rpc/error_details_pb"
require "google/rpc/status_pb"
require "grpc"

$LOAD_PATH.unshift File.join(__dir__, "gen")
require "manyvox/v1/channel_services_pb"
require "manyvox/v1/conversation_services_pb"
require "manyvox/v1/subscription_services_pb"

include Manyvox::V1

RETRIES = { methodConfig: [{ name: [{}], retryPolicy: {
  maxAttempts: 5, initialBackoff: "0.01s", maxBackoff: "0.1s", backoffMultiplier: 2, retryableStatusCodes: ["UNAVAILABLE"]
} }] }.to_json

NOTHING = { sender: "", text: "", message_id: "", metadata_json: "", after: "", timeout_ms: 0, count: 0, page_size: 0 }

# What was seen.
Result = Struct.new(:events, :count, :cursor, :error) do
  def self.empty = new([], 0, "", nil)

  def see(kind, text, json = "") = events << { kind: kind, text: text, json: json }
end

# The clients of one connection.
class Call
  def initialize(command)
    @c = command
    args = { "grpc.use_local_subchannel_pool" => 1, "grpc.enable_http_proxy" => 0 }
    args["grpc.service_config"] = RETRIES if @c[:retry]
    args["grpc.keepalive_time_ms"] = @c[:keepalive_ms] if @c[:keepalive_ms]
    args["grpc.default_compression_algorithm"] = 2 if @c[:gzip] # gzip
    @channel = GRPC::Core::Channel.new(@c[:at], args, :this_channel_is_insecure)
    @channels, @conversations, @subscriptions = [ChannelService, ConversationService, SubscriptionService].map do |service|
      service::Stub.new(@c[:at], :this_channel_is_insecure, channel_override: @channel)
    end
  end

  def close = @channel.close

  def options
    options = { metadata: { "authorization" => "Bearer #{@c[:token]}" } }
    options[:deadline] = Time.now + @c[:timeout_ms] / 1000.0 if @c[:timeout_ms].positive?
    options
  end

  def health(result)
    @channels.health(HealthRequest.new, **options).channels.each { |channel| result.see("channel", channel.name) }
  end

  def receive(result)
    request = ReceiveRequest.new(sender: @c[:sender], message: @c[:text], message_id: @c[:message_id], metadata_json: @c[:metadata_json])
    @channels.receive(request, **options).replies.each { |reply| result.see("reply", reply.text, reply.custom_json) }
  end

  def stream(result, sender = @c[:sender])
    request = ReceiveStreamRequest.new(sender: sender, message: @c[:text], message_id: @c[:message_id])
    operation = @channels.receive_stream(request, return_op: true, **options)
    operation.execute.each do |response|
      case response.event
      when :started then result.see("started", response.started.message_id)
      when :delta then result.see("delta", response.delta.text)
      when :reply then result.see("reply", response.reply.reply.text, response.reply.reply.custom_json)
      end
      operation.cancel if result.events.size == @c[:cancel_after]
    end
  end

  def many(result)
    health(Result.empty)
    threads = Array.new(@c[:count]) do |i|
      Thread.new do
        own = Result.empty
        stream(own, "sender-#{i}")
        own.events.last[:kind] == "reply"
      end
    end
    result.count = threads.count(&:value)
  end

  def list(result)
    token = ""
    loop do
      request = ListEventsRequest.new(channel: "rest", sender: @c[:sender], page_size: @c[:page_size], page_token: token)
      page = @conversations.list_events(request, **options)
      result.count += 1
      page.events.each { |event| result.see("event", event.cursor) }
      break if (token = page.next_page_token).empty?
    end
  end

  def watch(result)
    request = WatchEventsRequest.new(channel: "rest", sender: @c[:sender], after: @c[:after])
    follow(@conversations.watch_events(request, return_op: true, **options), result) do |response|
      result.see("event", response.event.cursor) if response.event
    end
  end

  def subscribe(result)
    request = SubscribeRequest.new(sender: @c[:sender], after: @c[:after])
    follow(@subscriptions.subscribe(request, return_op: true, **options), result) do |response|
      response.said&.replies&.each { |reply| result.see("said", reply.text) }
    end
  end

  # Reads a stream until there are enough events.
  def follow(operation, result)
    operation.execute.each do |response|
      result.cursor = response.cursor
      yield response
      if result.events.size == @c[:take]
        operation.cancel
        break
      end
    end
  end
end

def failure(error)
  seen = { code: error.class.name.split("::").last.gsub(/(?<=[a-z])(?=[A-Z])/, "_").downcase, reason: "", field: "", retry_after: "" }
  (error.to_rpc_status&.details || []).each do |detail|
    if detail.is(Google::Rpc::ErrorInfo)
      seen[:reason] = detail.unpack(Google::Rpc::ErrorInfo).reason
    elsif detail.is(Google::Rpc::BadRequest)
      seen[:field] = detail.unpack(Google::Rpc::BadRequest).field_violations[0].field
    elsif detail.is(Google::Rpc::RetryInfo)
      seen[:retry_after] = detail.unpack(Google::Rpc::RetryInfo).retry_delay.seconds.to_s
    end
  end
  seen
end

$stdout.sync = true
$stdin.each_line do |line|
  command = NOTHING.merge(JSON.parse(line, symbolize_names: true))
  call, result = Call.new(command), Result.empty
  begin
    call.public_send(command[:do], result)
  rescue GRPC::BadStatus => e
    result.error = failure(e)
  end
  call.close
  puts JSON.generate(result.to_h.compact)
end
