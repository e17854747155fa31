# docker build -t restapi-operator .
# About 170 MB: Node.js 24 on distroless (no shell, no package manager) and one bundled file of 4 MB.
FROM node:24-bookworm-slim AS build
# Sets the time in the bill of materials; without it there is none.
ARG SOURCE_DATE_EPOCH
WORKDIR /src
COPY package.json package-lock.json .npmrc ./
COPY src/tools/node/package.json src/tools/node/
RUN npm ci --ignore-scripts
COPY . .
RUN npm run bundle

FROM gcr.io/distroless/nodejs24-debian12:nonroot
# The program, the licenses of the packages in it and its bill of materials, which scanners find by its ending.
COPY --from=build /src/LICENSE /src/dist/bundle/restapi-operator.mjs /src/dist/bundle/restapi-operator.mjs.LEGAL.txt /src/dist/bundle/restapi-operator.cdx.json /app/
# 65532 is distroless' nonroot; as a number, so that the kubelet can see that it is not root.
USER 65532:65532
# A small young generation: about 190 MiB at its peak instead of 260 (npm run bench), at no cost in speed.
ENTRYPOINT ["/nodejs/bin/node", "--max-semi-space-size=2", "/app/restapi-operator.mjs"]
