// Serves aimock, a published mock of the Chat Completions API, on a free port. It prints its
// address in one line and ends with its standard input.
import { LLMock } from "@copilotkit/aimock";

const mock = new LLMock({ port: 0 });
mock.onMessage("hello", { content: "**Hello** there.\n\nHow are you?" });
mock.onMessage("think", { content: "Done.", reasoning: "Let me see." });
mock.onMessage("cut", { content: "This answer is cut in the middle." }, { latency: 20, chunkSize: 4, truncateAfterChunks: 4 });
mock.onMessage("dies", { content: "This answer breaks off." }, { latency: 50, chunkSize: 2, disconnectAfterMs: 120 });
mock.onMessage("long", { content: "Once upon", finishReason: "length" });
mock.onMessage("busy", { error: { message: "Rate limit reached", type: "rate_limit_error", code: "rate_limit_exceeded" }, status: 429, retryAfter: 60 });
mock.onMessage("broken", { error: { message: "The server had an error", type: "server_error" }, status: 500 });
mock.onMessage("much", { error: { message: "Too much", type: "invalid_request_error", code: "context_length_exceeded" }, status: 400 });
mock.onMessage("buttons", {
  content: "Which one?",
  toolCalls: [{ name: "show_buttons", arguments: JSON.stringify({ buttons: [{ title: "Rye" }, { title: "Wheat", payload: "wheat bread" }] }) }],
});
mock.onMessage("look", { content: "A green circle." });
mock.onMessage("I said rye", { content: "You said rye." });
mock.onTranscription({ transcription: { text: "I said rye" } });
await mock.start();
console.log(mock.url);
process.stdin.on("end", () => mock.stop().then(() => process.exit(0))).resume();
