# One image for every process; the command says which one it is. It runs as a user without rights
# on a read-only file system, with /tmp as its only place to write.

FROM node:22-slim AS dashboard
WORKDIR /app/gateway/dashboard/app
COPY gateway/dashboard/app/package.json gateway/dashboard/app/package-lock.json \
    gateway/dashboard/app/.npmrc ./
RUN npm ci --ignore-scripts
COPY schema/schema.graphql /app/schema/schema.graphql
COPY gateway/dashboard/app ./
RUN npm run build

FROM python:3.11-slim AS build
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
RUN python -m venv /app/.venv
WORKDIR /app
COPY requirements.lock ./
RUN .venv/bin/pip install --require-hashes -r requirements.lock
COPY pyproject.toml README.md ./
COPY alembic ./alembic
COPY schema ./schema
COPY gateway ./gateway
COPY --from=dashboard /app/gateway/dashboard/static ./gateway/dashboard/static
COPY worker ./worker
COPY sandbox ./sandbox
RUN .venv/bin/pip install --no-deps --no-build-isolation --editable . \
    && .venv/bin/python -m compileall -q schema gateway worker sandbox alembic

FROM python:3.11-slim
ENV PATH=/app/.venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
RUN useradd --system --uid 10001 --no-create-home --shell /usr/sbin/nologin severa
COPY --from=build /app /app
WORKDIR /app
USER 10001
EXPOSE 8000
CMD ["severa-gateway", "serve"]
