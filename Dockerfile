# Remit's Worker and server with the sample app. Built by docker-compose.yml; not run on a container engine yet.
FROM node:24-bookworm-slim
WORKDIR /app
ENV NODE_ENV=production REMIT_HOME=/var/lib/remit
COPY package.json package-lock.json .npmrc ./
RUN npm ci --omit=dev
COPY src ./src
COPY examples ./examples
RUN mkdir -p "$REMIT_HOME" && chown node:node "$REMIT_HOME"
USER node
VOLUME /var/lib/remit
CMD ["node", "src/cli/main.ts", "up"]
