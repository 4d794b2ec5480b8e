# One image for every process of ours; docker-compose.yml says which one a container runs.
FROM node:20.19.5-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci
COPY . .
RUN npm run build && npm prune --omit=dev

FROM node:20.19.5-bookworm-slim
WORKDIR /app
ENV NODE_ENV=production
COPY --from=build /app/package.json ./
COPY --from=build /app/node_modules ./node_modules
COPY --from=build /app/dist ./dist
# What the compiler does not copy.
COPY --from=build /app/schema/migrations ./schema/migrations
COPY --from=build /app/schema/functions ./schema/functions
COPY --from=build /app/vault/migrations ./vault/migrations
# The journal of the acquirer simulator, the published heads of the ledger, certificates: a new volume takes this owner.
RUN mkdir -p /data/certificates && chown -R node:node /data
USER node
