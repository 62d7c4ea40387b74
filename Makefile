# Short names for what is typed often. Nothing here is needed to build: `go run ./cmd/sundial demo`.
export CGO_ENABLED = 0

.PHONY: demo gallery test check generate fmt

demo: ## the whole portal with invented people and data
	go run ./cmd/sundial demo

gallery: ## every component, drawn with sample data
	go run ./cmd/gallery

test: ## all tests; what they need is fetched first
	./test

check: ## what a change has to pass
	.ci/run

generate: ## Go from the templates; commit both
	go tool templ generate

fmt:
	gofmt -w $$(git ls-files '*.go')
	go tool templ fmt .
