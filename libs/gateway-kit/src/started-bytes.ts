/** About how many bytes those messages have that were begun and are not answered yet: each counts as the average of those that were under way with it. */
export class StartedBytes {
  total = 0;
  private count = 0;

  push(bytes: number): void {
    this.total += bytes;
    this.count += 1;
  }

  /** All but so many have been answered. */
  trim(count: number): void {
    if (count >= this.count) return;
    this.total *= count / this.count;
    this.count = count;
  }
}
