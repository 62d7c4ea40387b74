// Package vendors says whether the id of a vendor's model is pinned, and how long the model
// behind it will live: one classifier per host, the catalogue row of a (host, id), and the
// arithmetic on end-of-life dates. It owns no list of ids: what a name means is decided by rules
// per host, and what is known about one id (dates, successor, a reviewer's classification) is
// kept in the catalogue by whoever stores it. It also knows what a reading does to a row (Weigh), who
// may let it count (Reading.Decide), what vendors' own lists say (List.Read), and which ids share a row
// and an end (Key). Calling vendors' APIs and deciding gates is left to others.
//
// # The six classes
//
//	pinned            a date, digest or revision in the id fixes the weights
//	pinned_dateless   the vendor promises that the dateless id never moves
//	preview_pinned    dated preview, experiment or beta: fixed, but it may end in two weeks
//	preview_floating  undated preview
//	floating          -latest, a bare family name, @default, no revision
//	undetermined      neither a date nor a promise was found; a reviewer decides, with a citation
//
// Only the first two go to production; preview_pinned for tier 3 or by waiver (MayServe).
//
// # Traps
//
// The same four digits mean other things at other vendors: -0613 is month and day at OpenAI,
// -2407 is year and month at Mistral; -08-2024 is month and year at Cohere; -002 is a serial at
// Google and a part of the name in babbage-002. Hence one file per host, and a number that is no
// date there (month 13) pins nothing.
//
// claude-3-5-sonnet-v2 looks versioned and floats; anthropic.claude-opus-4-6-v1 looks undated
// and is pinned. "latest" may stand in the middle, or behind ":", "@" and "/". Region prefixes
// at Bedrock (us., eu., apac., global.) and routing suffixes at OpenRouter (:nitro, :free) change
// where an answer is computed, not the weights. Azure keeps name, version and upgrade policy
// apart: a dated version that updates itself floats. A date in the name of a Hugging Face
// repository pins nothing, only the commit does. Fine-tunes end with their base (BaseOf).
//
// Ids arrive by copy and paste, with Unicode hyphens, no-break blanks and capitals: they are
// normalised to be compared and stored as typed.
package vendors
