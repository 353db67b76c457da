# The image holds the command `uptime` and every plugin of this repository; the config comes from outside.
# Build it here: docker build --tag uptimeserver .

FROM node:22.23.3-bookworm-slim AS build
WORKDIR /src
COPY package.json pnpm-lock.yaml pnpm-workspace.yaml tsup.base.ts tsconfig.base.json tsconfig.build.json ./
COPY docker/package.json docker/
COPY packages packages/
COPY plugins plugins/
RUN npx --yes pnpm@10.34.9 install --frozen-lockfile --ignore-scripts --filter uptimeserver-workspace --filter "uptimeserver-image..."
RUN npx --yes pnpm@10.34.9 --filter "uptimeserver-image^..." --workspace-concurrency=2 run build --no-dts
RUN npx --yes pnpm@10.34.9 --filter uptimeserver-image --prod --config.inject-workspace-packages=true --config.node-linker=hoisted deploy /app
# Types and source maps are for those who write code; SQLite comes with Node, and needs no package.
RUN cd /app && rm -rf pnpm-lock.yaml node_modules/.pnpm node_modules/typescript node_modules/@types node_modules/@photostructure \
  && rm -f node_modules/.bin/tsc node_modules/.bin/tsserver \
  && find node_modules -type f \( -name "*.d.ts" -o -name "*.d.mts" -o -name "*.d.cts" -o -name "*.map" \) -delete
RUN mkdir -p /app/config /data

FROM node:22.23.3-bookworm-slim
# A home also for users whom /etc/passwd does not know.
ENV NODE_ENV=production HOME=/data PATH=/app/node_modules/.bin:/usr/local/bin:/usr/bin:/bin
COPY --from=build --chown=0:0 /app /app/
COPY --from=build --chown=1000:1000 /data /data/
# A config here finds the packages in the folder above it.
WORKDIR /app/config
USER 1000:1000
VOLUME /data
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=10s --start-period=30s CMD ["uptime", "health"]
ENTRYPOINT ["uptime"]
CMD ["run", "--log", "json", "--health"]
