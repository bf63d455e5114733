// Package media keeps the bytes of attachments on their way: it stores what callers upload
// or send inline (Admit, Uploads), and gives it, or what a platform keeps, to the agent
// (Open) and to whoever has a signed link (Reads).
package media
