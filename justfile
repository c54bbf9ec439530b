# Thin recipes; everything works with cargo alone.

# The quick loop: the offline tool without the AWS SDK.
check:
    cargo check --no-default-features --all-targets

# Everything.
test:
    cargo test

lint:
    cargo fmt --check
    cargo clippy --all-targets -- -D warnings

# Rewrites committed schemas, generated docs and snapshots.
generate:
    UPDATE=1 cargo test --no-default-features --test it generated

# Makes the example anew.
acme:
    cargo run --no-default-features --example generate_acme

bench:
    cargo bench --no-default-features
