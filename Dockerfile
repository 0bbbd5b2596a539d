# One image for all programs of Ringback: its command is `hub` (the default) or `agent`.
#   docker build -t ringback .
#   docker run --rm -p 8080:8080 -e RINGBACK_ALLOW_ANONYMOUS=true ringback
# Behind a proxy that opens TLS: --secret id=ca,src=<its certificates>.

FROM node:24-bookworm-slim AS packages
WORKDIR /app
ENV NODE_ENV=production
COPY package.json package-lock.json .npmrc ./
# Optional packages are those that a machine without Node 24 needs to run the tests.
RUN --mount=type=secret,id=ca --mount=type=cache,target=/root/.npm \
    if [ -f /run/secrets/ca ]; then export NODE_EXTRA_CA_CERTS=/run/secrets/ca; fi; \
    npm ci --ignore-scripts --omit=dev --omit=optional \
    # Types, source maps and documents of packages are of no use to a program that runs; their licences stay.
 && find node_modules -type f \( -name '*.d.ts' -o -name '*.d.mts' -o -name '*.d.cts' -o -name '*.map' -o -name '*.md' \) \
    ! -iname 'licen[cs]e*' ! -iname 'notice*' ! -iname 'copying*' -delete

FROM node:24-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN --mount=type=secret,id=ca --mount=type=cache,target=/root/.npm \
    if [ -f /run/secrets/ca ]; then export NODE_EXTRA_CA_CERTS=/run/secrets/ca; fi; \
    npm ci --ignore-scripts --omit=optional
COPY nest-cli.json tsconfig.json ./
COPY apps apps
COPY libs libs
RUN npm run build

FROM node:24-bookworm-slim
ARG VERSION=0.0.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="Ringback" \
      org.opencontainers.image.description="A clustered event-notification hub: leave a cookie, get rung back." \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"
WORKDIR /app
# `::` takes IPv4 too. A hub that others reach starts only with RINGBACK_ACCESS_TOKENS, or RINGBACK_ALLOW_ANONYMOUS=true.
ENV NODE_ENV=production \
    HOST=:: \
    NODE_OPTIONS=--enable-source-maps
COPY --from=packages /app/node_modules node_modules
# Readable for whoever it runs as, also where the work tree is its owner's alone.
COPY --from=build --chmod=755 /app/dist dist
COPY --chmod=644 package.json LICENSE NOTICE ./
COPY --chmod=755 bin bin
USER 10001:10001
EXPOSE 8080 8090
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=5s --timeout=5s --start-period=20s --retries=3 CMD ["node", "bin/healthcheck.mjs"]
ENTRYPOINT ["node", "bin/ringback.mjs"]
CMD ["hub"]
