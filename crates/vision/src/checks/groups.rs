//! Cells of a grid that hang together.

/// The groups of cells of one kind that touch by their sides, or by corners too if `corners`. Cells without a kind belong to none.
pub(super) fn groups<K: PartialEq>(
    [columns, rows]: [usize; 2],
    corners: bool,
    kind: impl Fn(usize) -> Option<K>,
) -> Vec<Vec<usize>> {
    let mut seen = vec![false; columns * rows];
    let (mut found, mut open) = (Vec::new(), Vec::new());
    for start in 0..seen.len() {
        let Some(own) = kind(start).filter(|_| !seen[start]) else { continue };
        let mut group = Vec::new();
        seen[start] = true;
        open.push(start);
        while let Some(cell) = open.pop() {
            group.push(cell);
            let (x, y) = (cell % columns, cell / columns);
            for v in y.saturating_sub(1)..(y + 2).min(rows) {
                for u in x.saturating_sub(1)..(x + 2).min(columns) {
                    let next = v * columns + u;
                    let touches = corners || u == x || v == y;
                    if touches && !seen[next] && kind(next).as_ref() == Some(&own) {
                        seen[next] = true;
                        open.push(next);
                    }
                }
            }
        }
        found.push(group);
    }
    found
}

/// The largest of some groups; empty of none.
pub(super) fn largest(groups: Vec<Vec<usize>>) -> Vec<usize> {
    groups.into_iter().max_by_key(Vec::len).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sizes(rows: &[&str], corners: bool) -> Vec<usize> {
        let cells = rows.concat().into_bytes();
        let kind = |i: usize| Some(cells[i]).filter(|b| *b != b'.');
        let mut sizes: Vec<usize> =
            groups([rows[0].len(), rows.len()], corners, kind).iter().map(Vec::len).collect();
        sizes.sort_unstable();
        sizes
    }

    #[test]
    fn corners_join_where_they_are_to_and_kinds_never_do() {
        let rows = ["##...#", ".#...#", "#.#..o", ".....o"];
        assert_eq!(sizes(&rows, false), [1, 1, 2, 2, 3]);
        assert_eq!(sizes(&rows, true), [2, 2, 5]);
        assert!(largest(Vec::new()).is_empty());
    }
}
