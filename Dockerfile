# syntax=docker/dockerfile:1
# The reference service, without faults, as a small image; and, as target `verify`, Greenlight beside it.
#
#     docker build --build-arg ORCHESTRATE_COMMIT="$(git rev-parse HEAD)" --tag orchestrate .
#
# Images are pinned by tag. Pin them by digest where you build (`docker buildx imagetools inspect rust:1.95-bookworm`): a digest
# that nobody here could pull and look at would be no better than a tag.

# Dependencies are built in a layer of their own (cargo-chef) rather than in a cache mount: a layer comes back wherever images are
# built and pushed, a mount only on the machine that has it.
FROM rust:1.95-bookworm AS chef
WORKDIR /build
RUN cargo install cargo-chef --version 0.1.78 --locked

FROM chef AS plan
COPY . .
RUN cargo chef prepare --recipe-path recipe.json

FROM chef AS build
COPY --from=plan /build/recipe.json recipe.json
RUN cargo chef cook --release --locked --package orchestrate --no-default-features --recipe-path recipe.json
COPY . .
# What /info says. Render hands its own variables to the build.
ARG RENDER_GIT_COMMIT=""
ARG ORCHESTRATE_COMMIT="${RENDER_GIT_COMMIT}"
RUN cargo build --release --locked --package orchestrate --no-default-features && mkdir /data

FROM chef AS build-greenlight
COPY --from=plan /build/recipe.json recipe.json
RUN cargo chef cook --release --locked --package greenlight --no-default-features --recipe-path recipe.json
COPY . .
RUN cargo build --release --locked --package greenlight --no-default-features

# With a shell, unlike a distroless image: whoever is on call makes and revokes keys where the service runs.
FROM debian:bookworm-slim AS ground
COPY --from=chef /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/ca-certificates.crt
# Owned by whoever runs it, so that a new volume is too.
COPY --from=build --chown=65532:65532 /data /data
COPY --from=build /build/target/release/orchestrate /usr/local/bin/orchestrate
# Where SQLite's file lies when no other database is named.
WORKDIR /data
USER 65532:65532

# docker build --target verify: what `docker compose run --rm verify` runs.
FROM ground AS verify
COPY --from=build-greenlight /build/target/release/greenlight /usr/local/bin/greenlight
WORKDIR /tmp
CMD ["greenlight", "--help"]

FROM ground AS service
ARG RENDER_GIT_COMMIT=""
ARG ORCHESTRATE_COMMIT="${RENDER_GIT_COMMIT}"
LABEL org.opencontainers.image.title="orchestrate" \
      org.opencontainers.image.description="The reference service of Greenlight" \
      org.opencontainers.image.licenses="MIT OR Apache-2.0" \
      org.opencontainers.image.revision="${ORCHESTRATE_COMMIT}"
# In a container nobody else listens on its addresses, and logs are for machines. All of it can be said otherwise.
ENV ORCHESTRATE_HOST=0.0.0.0 \
    ORCHESTRATE_LOG=json
EXPOSE 8080
# The process itself is told to stop, and then has a minute for what it accepted.
STOPSIGNAL SIGTERM
# Whether it lives, not whether it is ready: some engines replace what is unhealthy, which mends no database.
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=3 CMD ["orchestrate", "probe", "livez"]
# No entry point: platforms put their own command in the place of this one, such as `orchestrate config check` before a deploy.
CMD ["orchestrate", "serve"]
