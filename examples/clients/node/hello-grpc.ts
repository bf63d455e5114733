// Talks to Manyvox by @grpc/grpc-js, which reads the .proto files.
import { credentials, loadPackageDefinition, Metadata, status, type ServiceError } from "@grpc/grpc-js";
import { loadSync } from "@grpc/proto-loader";
import { fromBinary } from "@bufbuild/protobuf";
import { ErrorInfoSchema, StatusSchema } from "./gen/google/rpc/error_details_pb.js";

const { manyvox } = loadPackageDefinition(loadSync("manyvox/v1/channel.proto", { includeDirs: ["proto"], oneofs: true })) as any;
const client = new manyvox.v1.ChannelService(process.env["MANYVOX_ADDRESS"] ?? "localhost:5005", credentials.createInsecure());
const metadata = new Metadata();
metadata.set("authorization", `Bearer ${process.env["TOKEN"]}`);

const receive = (request: object) =>
  new Promise<any>((resolve, reject) => {
    client.receive(request, metadata, (err: ServiceError | null, response: unknown) => (err ? reject(err) : resolve(response)));
  });

// With a messageId the call may be made again: the assistant sees the message once.
const messageId = crypto.randomUUID();
for (let i = 0; i < 2; i++) {
  const { replies } = await receive({ sender: "me", message: "hello", messageId });
  console.log("reply:", replies[0].text);
}

for await (const { delta } of client.receiveStream({ sender: "me", message: "/stream 3" }, metadata)) {
  if (delta) {
    console.log("delta:", delta.text);
  }
}

try {
  await receive({ sender: "me", metadataJson: "{" });
} catch (err) {
  const { code, metadata: trailers } = err as ServiceError;
  const { details } = fromBinary(StatusSchema, trailers.get("grpc-status-details-bin")[0] as Buffer);
  const info = details.find(({ typeUrl }) => typeUrl.endsWith("/google.rpc.ErrorInfo"));
  console.log("error:", status[code], info && fromBinary(ErrorInfoSchema, info.value).reason);
}
client.close();
