// Holds a conversation by a published socket.io-client and prints what happens, one
// line each. Its argument is an object: client, url, options, session, say, silent.
import { createRequire } from "node:module";
import { createInterface } from "node:readline";

const wanted = JSON.parse(process.argv[2]);
const { io } = createRequire(import.meta.url)(wanted.client);
const print = (...what) => console.log(...what);
const socket = io(wanted.url, { reconnectionDelay: 50, reconnectionDelayMax: 200, ...wanted.options });
let session = wanted.session ?? null;

function next() {
  const text = wanted.say.shift();
  if (text === undefined) return;
  socket.emit("user_uttered", { message: text, session_id: session, metadata: wanted.metadata }, () => print("ack"));
}

socket.on("connect_error", (e) => print("connect_error", e.message));
socket.on("connect", () => {
  print("connect", socket.nsp);
  socket.emit("session_request", { session_id: session });
});
socket.on("disconnect", (reason) => print("disconnect", reason));
socket.on("session_confirm", (id) => {
  print("session", id === session ? "kept" : "new");
  session = id;
  next();
});
socket.on("session_error", (e) => print("session_error", JSON.stringify(e)));
socket.on("bot_uttered", (payload) => {
  print("bot", JSON.stringify(payload));
  next();
});

// Orders come on standard input, so that a test can say when.
createInterface({ input: process.stdin }).on("line", (line) => {
  const [order, ...rest] = line.split(" ");
  if (order === "say") {
    wanted.say.push(rest.join(" "));
    next();
  }
  if (order === "transport") print("transport", socket.io.engine.transport.name);
  if (order === "id") print("id", session);
  if (order === "cut") socket.io.engine.close(); // as when the network is lost; it connects again
  if (order === "away") {
    wanted.say.push(rest.join(" "));
    socket.once("disconnect", next); // what is sent before that goes with the connection
    socket.io.engine.close();
  }
  if (order === "again") {
    socket.disconnect();
    setTimeout(() => socket.connect(), 100); // version 3 forgets a connection that it opens while another closes
  }
}).on("close", () => {
  socket.close();
  // Version 3 may forget a connection that it opened while another closed.
  setTimeout(() => process.exit(), 1000).unref();
});
