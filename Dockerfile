# The service. Build: docker build -t hybridsearch .
# PyTorch's default packages bring GPU libraries of some gigabytes; for a machine without a GPU
# name an index of CPU builds: --build-arg PIP_EXTRA_INDEX_URL=...

FROM python:3.11-slim-bookworm AS build
ARG PIP_EXTRA_INDEX_URL=""
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
RUN python -m venv /venv
WORKDIR /source
COPY constraints.txt ./
# PyTorch goes first and alone, in a layer of its own: it is large and seldom changes.
RUN PIP_EXTRA_INDEX_URL="$PIP_EXTRA_INDEX_URL" /venv/bin/pip install -c constraints.txt torch
COPY pyproject.toml README.md ./
COPY hybridsearch hybridsearch
COPY services services
COPY eval eval
RUN PIP_EXTRA_INDEX_URL="$PIP_EXTRA_INDEX_URL" \
    /venv/bin/pip install -c constraints.txt '.[serve,starter,onnx]'

FROM python:3.11-slim-bookworm
RUN useradd --uid 10001 --no-create-home --shell /usr/sbin/nologin hybridsearch \
    && install -d -o 10001 -g 10001 /data /pictures
COPY --from=build /venv /venv
ENV PATH=/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    HOME=/data/_home \
    HF_HOME=/data/_models/huggingface \
    HYBRIDSEARCH_DATA_DIR=/data \
    HYBRIDSEARCH_SERVICE__HOST=0.0.0.0 \
    HYBRIDSEARCH_SERVICE__PORT=8080
USER 10001:10001
VOLUME /data
EXPOSE 8080
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=15s --timeout=10s --start-period=120s --retries=4 \
    CMD ["python", "-m", "services.health"]
ENTRYPOINT ["python", "-m", "services.container"]
CMD ["serve"]
