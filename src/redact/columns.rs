//! Tables in a text: the first line has names, and each line below it a value for each.

use super::pairs::Pair;

/// Every value of a table, called as its column; nothing where `text` is no table.
pub(super) fn columns(text: &str) -> Vec<Pair<'_>> {
    let Some((first, _)) = text.split_once('\n') else { return Vec::new() };
    let Some(separator) = [',', ';', '\t'].into_iter().find(|separator| first.contains(*separator)) else {
        return Vec::new();
    };
    let names: Vec<&str> = first.split(separator).map(unquoted).collect();
    let is_name = |name: &&str| {
        !name.is_empty()
            && name.len() <= 64
            && name.chars().all(|letter| letter.is_alphanumeric() || "_- .".contains(letter))
    };
    if !names.iter().all(is_name) {
        return Vec::new();
    }
    let mut found = Vec::new();
    let mut at = first.len() + 1;
    for line in text[at..].split_inclusive('\n') {
        if line.matches(separator).count() + 1 == names.len() {
            let mut start = at;
            for (name, cell) in names.iter().zip(line.trim_end().split(separator)) {
                let value = unquoted(cell);
                let before = cell.find(value).unwrap_or(0);
                if !value.is_empty() {
                    found.push(Pair { name, value: start + before..start + before + value.len(), signed: false });
                }
                start += cell.len() + 1;
            }
        }
        at += line.len();
    }
    found
}

fn unquoted(cell: &str) -> &str {
    cell.trim().trim_matches('"')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_is_told_by_its_first_line() {
        let found = |text: &str| -> Vec<String> {
            columns(text).iter().map(|pair| format!("{}={}", pair.name, &text[pair.value.clone()])).collect()
        };
        assert_eq!(
            found("user,password\r\nada,\"p w\"\r\nbob,x\n,\n"),
            ["user=ada", "password=p w", "user=bob", "password=x"]
        );
        assert_eq!(found("a;b c\n1;2"), ["a=1", "b c=2"]);
        for text in ["user,password", "{\"a\":1,\n\"b\":2}", "one, two: three\nfour, five", "a,b\nno table"] {
            assert_eq!(found(text), [""; 0], "{text}");
        }
    }
}
