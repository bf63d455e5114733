// Writes to a session that was never confirmed on its socket.
import { createRequire } from "node:module";

const [client, url] = process.argv.slice(2);
const { io } = createRequire(import.meta.url)(client);
const socket = io(url);
socket.on("connect", () => socket.emit("user_uttered", { message: "hi", session_id: "somebody else's" }));
socket.on("session_error", (e) => {
  console.log("session_error", JSON.stringify(e));
  socket.close();
});
