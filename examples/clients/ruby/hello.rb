# Talks to Manyvox by the gem grpc.
require "json"
require "securerandom"
require "google/protobuf/well_known_types"
require "google/rpc/error_details_pb"
require "google/rpc/status_pb"
require "grpc"
require "manyvox/v1/channel_services_pb"

include Manyvox::V1

# Has grpc repeat what the assistant has not seen.
RETRIES = { methodConfig: [{ name: [{}], retryPolicy: {
  maxAttempts: 5, initialBackoff: "0.1s", maxBackoff: "2s", backoffMultiplier: 2, retryableStatusCodes: ["UNAVAILABLE"]
} }] }.to_json
client = ChannelService::Stub.new(
  ENV.fetch("MANYVOX_ADDRESS", "localhost:5005"), :this_channel_is_insecure, channel_args: { "grpc.service_config" => RETRIES }
)
headers = { "authorization" => "Bearer #{ENV["TOKEN"]}" }

# With a message_id the call may be made again: the assistant sees the message once.
request = ReceiveRequest.new(sender: "me", message: "hello", message_id: SecureRandom.uuid)
2.times { puts "reply: #{client.receive(request, metadata: headers).replies[0].text}" }

client.receive_stream(ReceiveStreamRequest.new(sender: "me", message: "/stream 3"), metadata: headers).each do |event|
  puts "delta: #{event.delta.text}" if event.delta
end

begin
  client.receive(ReceiveRequest.new(sender: "me", metadata_json: "{"), metadata: headers)
rescue GRPC::BadStatus => e
  info = e.to_rpc_status.details.find { |detail| detail.is(Google::Rpc::ErrorInfo) }
  puts "error: #{e.class.name.split("::").last} #{info.unpack(Google::Rpc::ErrorInfo).reason}"
end
