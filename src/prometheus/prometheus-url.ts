/** Parses the URL of a Prometheus server. @throws Error if it is not an HTTP or HTTPS URL */
export function parsePrometheusUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !['http:', 'https:'].includes(url.protocol)) {
    throw new Error(
      `Invalid Prometheus URL ${JSON.stringify(text)}: expected one such as http://prometheus.monitoring:9090`,
    );
  }
  return url;
}
