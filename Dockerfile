# The image is the binary, the certificates it needs for a TLS database, and nothing else.
FROM golang:1.26-bookworm AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
ARG VERSION=development
RUN CGO_ENABLED=0 go build -trimpath -ldflags "-s -w -X main.version=${VERSION}" -o /out/salesbench ./cmd/salesbench \
 && mkdir -p /out/data /out/tmp

FROM scratch
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/
COPY --from=build /out/salesbench /salesbench
COPY --from=build /src/LICENSE /src/THIRD_PARTY_NOTICES.md /
COPY --from=build --chown=65532:65532 /out/data /data
COPY --from=build --chown=65532:65532 /out/tmp /tmp
USER 65532:65532
ENV SALESBENCH_LISTEN=0.0.0.0:8080 SALESBENCH_DATA=/data
VOLUME /data
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s \
  CMD ["/salesbench", "doctor", "--probe", "http://127.0.0.1:8080/healthz"]
ENTRYPOINT ["/salesbench"]
CMD ["serve"]
