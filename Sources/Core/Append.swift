// One append for each kind of list. The standard library's is unfolded wherever it is called, sixty bytes each time, and
// much of the library is lists that grow by one.

extension Array {
  /// The same as the standard library's, in whose place it stands for whoever imports Core.
  @inlinable @inline(never)
  package mutating func append(_ element: __owned Element) { standardAppend(element, to: &self) }
}

/// Generic, so that it does not find the append above.
@inlinable @inline(__always)
package func standardAppend<List: RangeReplaceableCollection>(
  _ element: __owned List.Element, to list: inout List
) {
  list.append(element)
}
