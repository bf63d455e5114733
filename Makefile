# Everything a person or CI does with this repository.
.DEFAULT_GOAL := help
SHELL := /bin/bash

TOOL := go tool -modfile=tools/go.mod
# The API as it was frozen, with which `make check` compares. No target writes it.
FROZEN_API := proto/v1.binpb
NODE := examples/typescript
# A module of its own, which shows that a channel can be written and tested outside ours.
CUSTOM := examples/customchannel
# The server that Connect's conformance suite calls: a module of its own, with the suite's needs.
CONFORMANCE := tools/conformance
WEB := web
SOCKETIO := channels/socketio/clients
SLACK := channels/slack/clients
TELEGRAM := channels/telegram/clients
WEBHOOK := agents/webhook/clients
REMOTE := examples/remote-agent/typescript
OPENAI := agents/openai/peers
NPM_PACKAGE := clients/typescript
PYTHON_PACKAGE := clients/python
# Where programs for Node.js are.
CLIENTS := $(NODE) $(WEB) $(SOCKETIO) $(SLACK) $(TELEGRAM) $(WEBHOOK) $(REMOTE) $(OPENAI) $(NPM_PACKAGE)
# Where the packages for npm and PyPI are built.
DIST ?= dist
FUZZTIME ?= 10s
CRASH_ROUNDS ?= 50
# What bench-against runs: PAIRS of runs of each benchmark that ONLY matches, which
# gets fewer when it would take longer than LIMIT (4m).
PAIRS ?= 9
ONLY ?=

.PHONY: help
help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-20s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: run
run: build ## build and start the service on http://localhost:5005
	@bin/manyvox run

.PHONY: build
build: ## build bin/manyvox, which needs no library of the machine
	CGO_ENABLED=0 go build -trimpath -ldflags '-s -w' -o bin/manyvox ./cmd/manyvox

.PHONY: test
test: $(if $(shell command -v npm),$(CLIENTS:=/node_modules)) ## run every test with the race detector; what cannot run is said at the end
	go test -race -timeout 40m ./...; status=$$?; .ci/missing; exit $$status

.PHONY: check
check: ## formatting, vet, lint, the API's rules, generated files: no diff. Needs git, Node.js and npm
	@for program in git node npm; do command -v $$program >/dev/null || { echo "make check needs $$program"; exit 1; }; done
	go vet ./...
	$(TOOL) golangci-lint run
	cd $(CUSTOM) && go vet ./... && go tool -modfile=$(CURDIR)/tools/go.mod golangci-lint run
	cd $(CONFORMANCE) && go vet ./... && go tool -modfile=$(CURDIR)/tools/go.mod golangci-lint run
	$(TOOL) buf lint
	$(TOOL) buf format --diff --exit-code
	$(TOOL) buf breaking --against $(FROZEN_API)
	$(MAKE) generate web
	@git diff --exit-code -- gen examples docs channels clients service/openapi $(WEB) || { echo "make generate web changed files: commit them"; exit 1; }
	@test -z "$$(git status --porcelain -- gen $(NODE)/gen $(REMOTE)/gen $(WEB)/src/gen $(WEB)/dist clients)" || { echo "make generate web made new files: commit them"; exit 1; }

# The languages of the interop matrix, each a folder whose target builds what docs/clients has
# the reader build.
INTEROP := examples/clients
LANGUAGES := go node python java rust ruby

.PHONY: clients
clients: $(LANGUAGES:%=clients-%) ## run the interop matrix of clients in several languages and write docs/clients/matrix.md
	go test ./$(INTEROP) -run 'TestMatrix|TestPagesRun' -clients all -parallel 8 -timeout 40m -count 1

$(LANGUAGES:%=$(INTEROP)/%/proto): %/proto: build
	rm -rf $@ && bin/manyvox proto -o $@

.PHONY: $(LANGUAGES:%=clients-%)
clients-go: $(INTEROP)/go/proto
	cd $(INTEROP)/go && go tool -modfile=$(CURDIR)/tools/go.mod buf generate proto && go vet ./... && go build -o bin/ ./matrixconnect ./matrixgrpc

clients-node: $(INTEROP)/node/proto $(INTEROP)/node/node_modules
	cd $(INTEROP)/node && npm run --silent generate && npm run --silent typecheck

clients-python: $(INTEROP)/python/proto
	cd $(INTEROP)/python && python3 -m venv .venv && .venv/bin/pip install --quiet --disable-pip-version-check -r requirements.txt
	cd $(INTEROP)/python && rm -rf gen genconnect && mkdir gen && .venv/bin/python -m grpc_tools.protoc -I proto --python_out=gen --grpc_python_out=gen proto/manyvox/v1/*.proto
	cd $(INTEROP)/python && mkdir genconnect && PATH=$$PWD/.venv/bin:$$PATH .venv/bin/python -m grpc_tools.protoc -I proto -I ../errors \
		--py_out=genconnect --connectrpc_out=genconnect proto/manyvox/v1/*.proto ../errors/google/rpc/error_details.proto

clients-java: $(INTEROP)/java/proto
	cd $(INTEROP)/java && mvn -q -B compile dependency:build-classpath -Dmdep.outputFile=target/classpath

clients-rust: $(INTEROP)/rust/proto
	cd $(INTEROP)/rust && cargo build --quiet --locked --bins

clients-ruby: $(INTEROP)/ruby/proto
	cd $(INTEROP)/ruby && rm -rf gen && mkdir gen && grpc_tools_ruby_protoc -I proto --ruby_out=gen --grpc_out=gen proto/manyvox/v1/*.proto

.PHONY: conformance
conformance: ## run Connect's conformance suite against our HTTP stack, then against bare connect-go
	cd $(CONFORMANCE) && go build -o $(CURDIR)/bin/conformance . && \
		go build -o $(CURDIR)/bin/connectconformance connectrpc.com/conformance/cmd/connectconformance
	@cd $(CONFORMANCE) && for bare in '' -bare; do echo "conformance $$bare"; \
		$(CURDIR)/bin/connectconformance --mode server --conf config.yaml --known-failing @known-failing.txt \
			-- $(CURDIR)/bin/conformance $$bare || exit 1; done

.PHONY: conformance-generate
conformance-generate: ## make the code of the suite's service, after an update of the suite
	cd $(CONFORMANCE) && proto=$$(go list -m -f '{{.Dir}}' connectrpc.com/conformance)/proto && \
		go tool -modfile=$(CURDIR)/tools/go.mod buf generate $$proto \
		$$(printf -- "--path $$proto/connectrpc/conformance/v1/%s.proto " config server_compat service)

.PHONY: generate
generate: $(NODE)/node_modules ## make the code of the API and the tables of the docs
	$(TOOL) buf generate
	$(TOOL) buf build -o - | go run ./service/openapi/generate > service/openapi/new.json && mv service/openapi/new.json service/openapi/openapi.json
	go test ./channels/builtin -run 'TestCapabilities|TestPages|TestOverview' -update
	go test ./service/metrics -run TestMetricsTable -update
	go test ./service/openapi -run TestPage -update
	go test ./service/wire -run TestTable -update
	go test ./clients -run TestGenerated -update
	cd $(CUSTOM) && go mod tidy

$(CLIENTS:=/node_modules) $(INTEROP)/node/node_modules: %/node_modules: %/package-lock.json
	cd $* && npm ci --no-audit --no-fund
	@touch $@

.PHONY: web
web: $(WEB)/node_modules ## build the chat page into web/dist
	cd $(WEB) && npm run --silent typecheck && npm run --silent build

.PHONY: packages
packages: $(NPM_PACKAGE)/node_modules ## build the packages for npm and PyPI into DIST (dist)
	mkdir -p '$(DIST)'
	cd $(NPM_PACKAGE) && rm -rf dist && npm pack --silent --pack-destination '$(abspath $(DIST))'
	cd $(PYTHON_PACKAGE) && rm -rf build *.egg-info && python3 -m pip wheel --quiet --no-deps --wheel-dir '$(abspath $(DIST))' . && rm -rf build *.egg-info

.PHONY: release-clients
release-clients: ## build and publish both packages: needs npm login, twine and a token of PyPI. DRY=--dry-run: do not publish
	rm -rf '$(DIST)'
	$(MAKE) packages
	$(if $(DRY),,python3 -m twine upload --skip-existing '$(abspath $(DIST))'/manyvox_client-*.whl)
	npm publish $(DRY) '$(abspath $(DIST))'/manyvox-client-*.tgz

.PHONY: lint
lint: ## run the linters and mend what they can
	$(TOOL) golangci-lint run --fix

.PHONY: bench
bench: ## measure against the baselines; docs/performance.md explains the table
	go test ./service/bench -run '^$$' -bench . -benchtime 1x -timeout 30m
	go test ./service/journal/sqlite -run '^$$' -bench . -timeout 30m
	go test ./service/journal/postgres -run '^$$' -bench .

.PHONY: bench-against
bench-against: ## compare the benchmarks with those of commit REF, in PAIRS of runs by turns
	@go run ./service/bench/against -ref '$(REF)' -pairs '$(PAIRS)' -only '$(ONLY)' $(if $(LIMIT),-limit '$(LIMIT)')

# Rasa runs on Python 3.8 to 3.10. RASA_PYTHON names one; else those on the PATH and of
# pyenv are tried. The versions beside Rasa's are those of its own lock file, where newer
# ones do not work with it.
RASA := .rasa
RASA_PYTHON ?=

.PHONY: bench-rasa
bench-rasa: $(RASA)/3.6.21 ## install Rasa 3.6.21 in .rasa and compare the rest channel with its own
	MANYVOX_BENCH_RASA=$(CURDIR)/$(RASA)/venv/bin/python go test ./service/bench -run '^$$' -bench Rasa -benchtime 1x -timeout 30m

$(RASA)/3.6.21:
	mkdir -p $(RASA)
	@for p in $(RASA_PYTHON) python3.10 python3.9 python3.8 ~/.pyenv/versions/3.{10,9,8}.*/bin/python; do \
		if "$$p" -m venv $(RASA)/uv 2>/dev/null; then exit; fi; \
	done; echo "Rasa needs Python 3.8 to 3.10: name one by RASA_PYTHON=..."; exit 1
	$(RASA)/uv/bin/pip install --quiet --disable-pip-version-check uv
	$(RASA)/uv/bin/uv venv --quiet --clear --python $(RASA)/uv/bin/python $(RASA)/venv
	$(RASA)/uv/bin/uv pip install --quiet --python $(RASA)/venv/bin/python \
		rasa==3.6.21 'setuptools<81' python-socketio==5.8.0 python-engineio==4.5.1
	touch $@

.PHONY: crash
crash: ## kill the program and the journal under load, CRASH_ROUNDS times each, and cut the power
	MANYVOX_CRASH_ROUNDS=$(CRASH_ROUNDS) go test ./service/journal/sqlite ./service/journal/postgres ./cmd ./channels/... -run TestCrash -v -timeout 60m -p 1

.PHONY: fuzz
fuzz: ## fuzz every parser of strangers' bytes for FUZZTIME each
	go test ./channels -run '^$$' -fuzz FuzzWebhookBody -fuzztime $(FUZZTIME) -fuzzminimizetime 1x
	go test ./channels -run '^$$' -fuzz FuzzContent -fuzztime $(FUZZTIME) -fuzzminimizetime 1x
	go test ./service/instance -run '^$$' -fuzz FuzzLinks -fuzztime $(FUZZTIME) -fuzzminimizetime 1x
	go test ./service/channellog -run '^$$' -fuzz FuzzRedactor -fuzztime $(FUZZTIME) -fuzzminimizetime 1x
	go test ./config -run '^$$' -fuzz FuzzCredentials -fuzztime $(FUZZTIME) -fuzzminimizetime 1x
	go test ./channels/socketio -run '^$$' -fuzz FuzzPacket -fuzztime $(FUZZTIME) -fuzzminimizetime 1x
	go test ./channels/socketio -run '^$$' -fuzz FuzzPayload -fuzztime $(FUZZTIME) -fuzzminimizetime 1x
	go test ./channels/socketio -run '^$$' -fuzz FuzzSession -fuzztime $(FUZZTIME) -fuzzminimizetime 1x
	go test ./channels/telegram -run '^$$' -fuzz FuzzUpdate -fuzztime $(FUZZTIME) -fuzzminimizetime 1x
	go test ./channels/telegram -run '^$$' -fuzz FuzzSecret -fuzztime $(FUZZTIME) -fuzzminimizetime 1x
	go test ./channels/slack -run '^$$' -fuzz FuzzDelivery -fuzztime $(FUZZTIME) -fuzzminimizetime 1x
	go test ./channels/slack -run '^$$' -fuzz FuzzSignature -fuzztime $(FUZZTIME) -fuzzminimizetime 1x
	go test ./channels/markup -run '^$$' -fuzz FuzzSafeMarkdown -fuzztime $(FUZZTIME) -fuzzminimizetime 1x
	go test ./channels/markup -run '^$$' -fuzz FuzzFromSlack -fuzztime $(FUZZTIME) -fuzzminimizetime 1x
	go test ./agents -run '^$$' -fuzz FuzzTemplateSender -fuzztime $(FUZZTIME) -fuzzminimizetime 1x
	go test ./service/push -run '^$$' -fuzz FuzzRequest -fuzztime $(FUZZTIME) -fuzzminimizetime 1x
	go test ./agents -run '^$$' -fuzz FuzzDecoder -fuzztime $(FUZZTIME) -fuzzminimizetime 1x
	go test ./agents -run '^$$' -fuzz FuzzLines -fuzztime $(FUZZTIME) -fuzzminimizetime 1x
	go test ./agents/rasa -run '^$$' -fuzz FuzzLines -fuzztime $(FUZZTIME) -fuzzminimizetime 1x
	go test ./agents/remote -run '^$$' -fuzz FuzzEvents -fuzztime $(FUZZTIME) -fuzzminimizetime 1x
	go test ./agents/webhook -run '^$$' -fuzz FuzzAnswer -fuzztime $(FUZZTIME) -fuzzminimizetime 1x
