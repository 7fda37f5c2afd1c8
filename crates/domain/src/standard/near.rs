//! Finds the word that was meant when another was written.

/// `: did you mean …?` with the known word nearest to what was written, or `: write one of …` when none is near.
pub(super) fn meant<'a>(written: &str, known: impl IntoIterator<Item = &'a str>) -> String {
    let known: Vec<&str> = known.into_iter().collect();
    let nearest = known.iter().map(|word| (distance(written, word), *word)).min();
    match nearest {
        Some((away, word)) if away <= (word.chars().count() / 3).max(2) => {
            format!("did you mean `{word}`?")
        }
        _ => format!("write one of {}", list(&known)),
    }
}

/// Words in back-quotes, set apart by commas.
pub(super) fn list(words: &[&str]) -> String {
    words.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", ")
}

/// How many characters have to be put in, left out or exchanged (Levenshtein).
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let exchanged = diagonal + usize::from(x != *y);
            diagonal = row[j + 1];
            row[j + 1] = exchanged.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}

/// Whether a word can be the id of a standard.
pub(super) fn is_id(word: &str) -> bool {
    !word.is_empty() && word.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
}

/// An id as near to a word as can be.
pub(super) fn id_for(word: &str) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' };
    let parted: String = word.chars().filter(|c| c.is_ascii()).map(plain).collect();
    let words: Vec<&str> = parted.split('-').filter(|word| !word.is_empty()).collect();
    if words.is_empty() { "my-exam".to_owned() } else { words.join("-") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_is_recognised_and_a_stranger_is_not() {
        assert_eq!(meant("widht", ["width", "height"]), "did you mean `width`?");
        assert_eq!(meant("colour", ["width", "height"]), "write one of `width`, `height`");
        assert_eq!(distance("head_posse", "head_pose"), 1);
        assert_eq!(distance("", "ab"), 2);
    }
}
