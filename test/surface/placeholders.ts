/** Where a value that differs from run to run shows what it is. Whatever one of these captures is masked everywhere. */
const SOURCES: readonly (readonly [placeholder: string, pattern: RegExp])[] = [
  ['<epoch>', /"(?:position|resumed|since|acknowledged|after)":"([0-9a-z]{8,}):/g],
  ['<token>', /"connectionToken":"([^"]+)"/g],
  ['<connection>', /\\?"connectionId\\?":\\?"([^"\\]{8,})\\?"/g],
  ['<connection>', /"sid":"([^"]{8,})"/g],
  ['<connection>', /:(?:signalr-token|session:c):([\w.-]{8,})$/g],
  ['<connection>', /^c:([\w-]{8,})$/g],
  ['<connection>', /\tnode-[ab]\.(bridge-[\w-]+)$/g],
  ['<connection>', /\t([\w-]{20,})$/g],
  ['<generation>', /"generation":"([^"]+)"/g],
  ['<cluster>', /"clusterId":"([^"]+)"/g],
  ['<origin>', /\b(hub-[\w-]{16}\/[\w-]{12}):\d/g],
  ['<secret>', /^([\w-]{43})$/g],
  ['<digest>', /:position:([\w-]{43})$/g],
  ['<ticket>', /"id":"([\w-]{24})","ViewModel"/g],
];

/** What shows by its form alone. */
const FORMS: readonly (readonly [placeholder: string, pattern: RegExp])[] = [
  ['127.0.0.1:<port>', /127\.0\.0\.1:\d{2,5}/g],
  ['<uuid>', /\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/g],
  ['<hash>', /\b(?=[a-f]*\d)[0-9a-f]{40}(?:[0-9a-f]{24})?\b/g],
  ['<time>', /\b1[6-9]\d{11}(?:\d{3})?\b/g],
  ['<seconds>', /(?<=-timestamp: )\d{10}\b/g],
  ['$1…', /(\w)\1{50,}/g],
  ['"version":"<version>"', /"version":"\d[\w.-]*"/g],
  ['<date>', /\b20\d\d-\d\d-\d\dT[\d:.]+Z/g],
];

const SPECIAL = /[\\^$.*+?()[\]{}|/-]/g;

/** Values that are known to differ from run to run, learnt from what was recorded, and what stands for them. */
export class Placeholders {
  private readonly known = new Map<string, string>();
  private readonly pattern: RegExp;

  constructor(texts: readonly string[]) {
    for (const text of texts) this.learn(text);
    // Longer ones first: one may be part of another.
    const values = [...this.known.keys()].sort((one, other) => other.length - one.length);
    const alternatives = values.map((value) => value.replace(SPECIAL, '\\$&'));
    this.pattern = new RegExp(alternatives.join('|') || '$^', 'g');
  }

  /** The text without what differs from run to run. */
  readonly mask = (text: string): string => {
    const masked = text.replace(this.pattern, (value) => this.known.get(value) ?? value);
    return FORMS.reduce((rest, [placeholder, pattern]) => rest.replace(pattern, placeholder), masked);
  };

  private learn(text: string): void {
    for (const [placeholder, pattern] of SOURCES) {
      for (const [, value = ''] of text.matchAll(pattern)) this.known.set(value, placeholder);
    }
  }
}
