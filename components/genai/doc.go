// Package genai draws what GenAI releases are made of: registered prompts, evaluation suites, and the
// aliases that point at approved releases. A release itself is drawn by components/lifecycle.
package genai
