{{/* `ringback` where that is, or is in, the name of the release. */}}
{{- define "ringback.name" -}}
{{- $name := .Release.Name }}
{{- if not (contains .Chart.Name $name) }}{{ $name = printf "%s-%s" $name .Chart.Name }}{{ end }}
{{- $name | trunc 50 | trimSuffix "-" }}
{{- end }}

{{- define "ringback.metadata" -}}
name: {{ include "ringback.name" . }}
{{ include "ringback.place" . }}
{{- end }}

{{- define "ringback.redisMetadata" -}}
name: {{ include "ringback.name" . }}-redis
{{ include "ringback.place" . }}
{{- end }}

{{- define "ringback.place" -}}
namespace: {{ .Release.Namespace }}
labels:
  app.kubernetes.io/part-of: ringback
{{- end }}

{{/* By what the pods are chosen. */}}
{{- define "ringback.pods" -}}
app.kubernetes.io/name: {{ include "ringback.name" . }}
{{- end }}

{{- define "ringback.redisPods" -}}
app.kubernetes.io/name: {{ include "ringback.name" . }}-redis
{{- end }}

{{- define "ringback.secretName" -}}
{{ .Values.secret.existing | default (include "ringback.name" .) }}
{{- end }}

{{- define "ringback.config" -}}
{{- $config := merge (dict "PORT" "8080") .Values.settings }}
{{- if .Values.allowAnonymous }}{{ $_ := set $config "RINGBACK_ALLOW_ANONYMOUS" "true" }}{{ end }}
{{- toYaml $config }}
{{- end }}

{{- define "ringback.secrets" -}}
{{- $inCluster := printf "redis://%s-redis:6379" (include "ringback.name" .) }}
{{- $redisUrl := .Values.secret.redisUrl | default (ternary $inCluster "" .Values.redis.enabled) }}
redis-url: {{ required "set secret.existing or secret.redisUrl, or redis.enabled to try it" $redisUrl | b64enc }}
{{- if not .Values.allowAnonymous }}
access-tokens: {{ required "set secret.existing or secret.accessTokens, or allowAnonymous to let everybody do everything" .Values.secret.accessTokens | b64enc }}
{{- end }}
{{- end }}

{{/* Both times, and 15 s more for what is under way. */}}
{{- define "ringback.graceSeconds" -}}
{{- $stopMs := add (int .Values.settings.RINGBACK_SHUTDOWN_DELAY_MS) (int .Values.settings.RINGBACK_DRAIN_MS) }}
{{- add (div (add $stopMs 999) 1000) 15 }}
{{- end }}
