/** `Map.groupBy` says the same, but came with Chrome 117, and phones in the villages are older. */

/** This will sort `rows` into groups by what `key` says of each, in the order in which the groups appear. */
export function grouped<Key, Row>(rows: Iterable<Row>, key: (row: Row) => Key): Map<Key, Row[]> {
  const groups = new Map<Key, Row[]>();
  for (const row of rows) {
    const name = key(row);
    const group = groups.get(name);
    if (group === undefined) groups.set(name, [row]);
    else group.push(row);
  }
  return groups;
}
