import { JsonText, parseJson } from '../../json/json.ts';

/** A state's data without the members that describe its artifact, and those. */
export interface DescribedResult {
  data: JsonText;
  type: string | null;
  description: string | null;
  key: string | null;
}

const DESCRIBING = ['artifact_key', 'artifact_type', 'artifact_description'] as const;

/**
 * Clients of old put the artifact's key, type and description among the members of a result. The text is looked into
 * only when it may have them.
 */
export function describedResult(data: JsonText): DescribedResult {
  const plain = { data, type: null, description: null, key: null };
  if (!/artifact_(?:key|type|description)|\\u/.test(data.text)) return plain;
  const value = parseJson(data.text);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return plain;
  const members = value as Record<string, unknown>;
  if (!DESCRIBING.some((name) => name in members)) return plain;
  const { artifact_key, artifact_type, artifact_description, ...rest } = members;
  return {
    data: JsonText.of(rest),
    key: textOrNull(artifact_key),
    type: textOrNull(artifact_type),
    description: textOrNull(artifact_description),
  };
}

function textOrNull(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}
