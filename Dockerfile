# The server, its worker and the sandbox in one image; compose.yaml runs them beside a Postgres.
FROM python:3.13-slim-bookworm AS build
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install --yes --no-install-recommends make \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /src
COPY . .
# The guides and the wheels by the project's own commands, then an environment that has the wheels and what they need.
RUN make docs wheels PYTHON=python3 \
    && python3 -m venv --without-pip /opt/tuneledger \
    && .venv/uv/bin/uv pip install --no-cache --compile-bytecode --python /opt/tuneledger/bin/python \
        --constraints requirements.lock dist/tuneledger_client-*.whl "$(ls dist/tuneledger-*.whl)[all]"

FROM python:3.13-slim-bookworm
RUN useradd --uid 10001 --no-create-home --shell /usr/sbin/nologin tuneledger \
    && install --directory --owner=tuneledger --group=tuneledger /data
COPY --from=build /opt/tuneledger /opt/tuneledger
COPY --from=build /src/.site /opt/guides
ENV PATH=/opt/tuneledger/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    TUNELEDGER_DATA_DIRECTORY=/data \
    TUNELEDGER_GUIDES_DIRECTORY=/opt/guides \
    TUNELEDGER_HOST=0.0.0.0 \
    TUNELEDGER_LOG_FORMAT=json
USER 10001
WORKDIR /data
EXPOSE 8400
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=6 \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8400/readyz', timeout=4)"]
CMD ["tuneledger", "serve", "--no-worker"]
