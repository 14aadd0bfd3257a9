//! JUnit: well-formed, with the elements and attributes that its readers know.

use super::*;

/// An element: name, attributes, children, text.
#[derive(Debug, Default)]
struct Element {
    name: String,
    attributes: Vec<(String, String)>,
    children: Vec<Element>,
    text: String,
}

impl Element {
    fn get(&self, name: &str) -> &str {
        self.attributes.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value)
    }
}

/// Reads the part of XML that reports are written in, and nothing else.
fn parse(xml: &str) -> Element {
    let rest = xml.strip_prefix("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n").expect("a declaration");
    let legal = |letter: char| matches!(letter, '\t' | '\n' | '\r' | '\u{20}'..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..);
    assert!(rest.chars().all(legal), "a letter that XML 1.0 does not know");
    let (element, rest) = element(rest.strip_prefix('<').expect("an element"));
    assert_eq!(rest.trim(), "", "nothing follows the root");
    element
}

fn element(text: &str) -> (Element, &str) {
    let end = text.find('>').expect("the end of a tag");
    let (tag, mut rest) = (&text[..end], &text[end + 1..]);
    let (tag, is_empty) = tag.strip_suffix('/').map_or((tag, false), |tag| (tag, true));
    let (name, mut written) = tag.split_once(' ').unwrap_or((tag, ""));
    let mut read = Element { name: name.to_owned(), ..Element::default() };
    while !written.trim().is_empty() {
        let (name, value) = written.trim_start().split_once("=\"").expect("an attribute in quotes");
        let (value, more) = value.split_once('"').expect("the closing quote");
        assert!(read.get(name).is_empty(), "{name} is there twice");
        read.attributes.push((name.to_owned(), unescaped(value)));
        written = more;
    }
    if is_empty {
        return (read, rest);
    }
    loop {
        let (text, more) = rest.split_once('<').expect("a closing tag");
        read.text.push_str(&unescaped(text));
        match more.strip_prefix('/') {
            Some(closing) => {
                rest = closing.strip_prefix(&format!("{}>", read.name)).expect("the closing tag of the last opened");
                break;
            }
            None => {
                let (child, after) = element(more);
                read.children.push(child);
                rest = after;
            }
        }
    }
    (read, rest)
}

fn unescaped(text: &str) -> String {
    assert!(!text.contains('<') && !text.contains("]]>"), "{text}");
    let mut parts = text.split('&');
    let mut read = parts.next().unwrap().to_owned();
    for part in parts {
        let (entity, rest) = part.split_once(';').expect("an entity");
        read.push_str(match entity {
            "lt" => "<",
            "gt" => ">",
            "amp" => "&",
            "quot" => "\"",
            "#10" => "\n",
            other => panic!("no entity that XML knows: {other}"),
        });
        read.push_str(rest);
    }
    read
}

type Names = &'static [&'static str];

/// Elements with the attributes that they must and may have, and the children that they may have.
const SCHEMA: &[(&str, Names, Names, Names)] = &[
    ("testsuites", &[], &["name", "tests", "failures", "errors", "skipped", "time"], &["testsuite"]),
    ("testsuite", &["name", "tests", "failures", "errors", "skipped", "time"], &[], &["properties", "testcase"]),
    ("properties", &[], &[], &["property"]),
    ("property", &["name", "value"], &[], &[]),
    ("testcase", &["name", "classname"], &["time"], &["skipped", "failure", "system-out"]),
    ("skipped", &[], &["message"], &[]),
    ("failure", &["type", "message"], &[], &[]),
    ("system-out", &[], &[], &[]),
];

fn is_valid(element: &Element) {
    let name = &element.name;
    let (_, must, may, children) = SCHEMA.iter().find(|(known, ..)| known == name).unwrap_or_else(|| panic!("{name}"));
    for attribute in *must {
        assert!(!element.get(attribute).is_empty(), "{name} has no {attribute}");
    }
    for (attribute, value) in &element.attributes {
        assert!(must.contains(&attribute.as_str()) || may.contains(&attribute.as_str()), "{name} has {attribute}");
        let is_number = ["tests", "failures", "errors", "skipped", "time"].contains(&attribute.as_str());
        assert!(!is_number || value.parse::<f64>().is_ok(), "{attribute}: {value}");
    }
    let order = |child: &Element| children.iter().position(|known| *known == child.name);
    assert!(element.children.iter().all(|child| order(child).is_some()), "{name} holds a stranger");
    assert!(element.children.is_sorted_by_key(order), "the children of {name} are out of order");
    element.children.iter().for_each(is_valid);
}

#[test]
fn junit_is_well_formed_and_counts_what_it_holds() {
    for report in [example(), Report::default(), Report { work: Work::Lint, ..example() }] {
        let suite = parse(&junit(&report));
        is_valid(&suite);
        let cases: Vec<&Element> = suite.children.iter().filter(|child| child.name == "testcase").collect();
        let with = |name: &str| {
            cases.iter().filter(|case| case.children.iter().any(|child| child.name == name)).count().to_string()
        };
        assert_eq!(suite.get("tests"), cases.len().to_string());
        assert_eq!(suite.get("failures"), with("failure"));
        assert_eq!(suite.get("skipped"), with("skipped"));
    }
}

#[test]
fn a_failure_tells_what_was_done_and_how_to_see_it_again() {
    let suite = parse(&junit(&example()));
    let case = suite.children.iter().find(|child| child.name == "testcase").unwrap();
    let failure = &case.children[0];
    assert_eq!(failure.get("type"), "LRO-C-13");
    for told in ["took it for the end <b>\u{fffd}[31m ]]> & \"it\"", "expected: ", "armtape check --scenario SC-007"] {
        assert!(failure.text.contains(told), "{told}: {}", failure.text);
    }
    let out = &case.children[1].text;
    assert!(out.contains("LRO-C-22: was early") && out.contains("baselined: LRO-C-24"), "{out}");
}
