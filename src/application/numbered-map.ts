import { NumberedList } from '../domain/numbered-list.js';

/** A map whose values can be walked in pieces, in the order of a number that each has for good. */
export class NumberedMap<K, V> extends Map<K, V> {
  private readonly list: NumberedList<V>;

  /** @param numberOf A value's number, which no other value has. */
  constructor(private readonly numberOf: (value: V) => number) {
    super();
    this.list = new NumberedList(numberOf);
  }

  override set(key: K, value: V): this {
    this.takeOut(key);
    this.list.add(value);
    return super.set(key, value);
  }

  override delete(key: K): boolean {
    this.takeOut(key);
    return super.delete(key);
  }

  override clear(): void {
    this.list.clear();
    super.clear();
  }

  /** The values with higher numbers, in order. The map must not change between two steps. */
  after(number: number): Generator<V, void, undefined> {
    return this.list.after(number);
  }

  private takeOut(key: K): void {
    const value = this.get(key);
    if (value !== undefined) this.list.remove(this.numberOf(value));
  }
}
