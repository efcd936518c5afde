# Thin: each line calls scripts/ or cmake. `make run` and `make test` are all that most people need.
.PHONY: run test build dev check bench lint format fuzz sanitize package

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
bench:
	@scripts/bench
lint:
	@scripts/lint
format:
	@scripts/format
	@cd apps/client && npm run --silent format
fuzz:
	@scripts/fuzz
sanitize:
	@scripts/sanitize
package:
	@scripts/package
