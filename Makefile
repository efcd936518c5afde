# Thin: each line calls scripts/ or cmake. `make run` and `make test` are all that most people need.
.PHONY: run test build dev check lint format fuzz sanitize

run:
	@scripts/run
test:
	@scripts/test
build:
	@scripts/build
dev:
	@scripts/dev
check:
	@scripts/check
lint:
	@scripts/lint
format:
	@scripts/format
	@cd apps/client && npm run --silent format
fuzz:
	@scripts/fuzz
sanitize:
	@scripts/sanitize
