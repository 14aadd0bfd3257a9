mod sensitivity;

use super::*;
use crate::simulate::scenario::{self, Demand, Expected, Kind, Scenario, Target, Truth};

/// Where a file says something else than the model, on purpose: the key, and why.
const EXCEPTIONS: &[(&str, &str, &str)] = &[(
    "SC-183",
    "demanded",
    "the file counts the one poll after the end that LRO-C-35 lets pass; the model has no time",
)];

/// What differs between the truth of a file and that of the model, by the keys of the files.
fn differences(scenario: &Scenario, model: &Truth) -> Vec<(&'static str, String)> {
    let file = &scenario.truth;
    let mut differences = Vec::new();
    let mut differ = |key: &'static str, file: String, model: String| {
        differences.push((key, format!("{}: {key}: file {file}, model {model}", scenario.name())));
    };
    for (key, in_file, in_model) in
        [("right", &file.right, &model.right), ("tolerated", &file.tolerated, &model.tolerated)]
    {
        let missing =
            |one: &[Expected], other: &[Expected]| one.iter().any(|end| !other.iter().any(|like| alike(end, like)));
        if missing(in_file, in_model) || missing(in_model, in_file) {
            differ(key, format!("{in_file:?}"), format!("{in_model:?}"));
        }
    }
    if file.result.is_some() && file.result != model.result {
        differ("result-from", format!("{:?}", file.result), format!("{:?}", model.result));
    }
    if file.forbidden != model.forbidden {
        differ("forbidden", format!("{:?}", file.forbidden), format!("{:?}", model.forbidden));
    }
    for demand in &file.demanded {
        let own = model.demanded.iter().find(|own| own.target == demand.target);
        let same = |own: &&Demand| {
            own.at_least == demand.at_least && (own.at_most == demand.at_most || demand.at_most.is_none())
        };
        if own.filter(same).is_none() {
            differ("demanded", demand.to_string(), format!("{own:?}"));
        }
    }
    for (key, in_file, in_model) in
        [("waived", &file.waived, &model.waived), ("softened", &file.softened, &model.softened)]
    {
        if in_file != in_model {
            differ(key, format!("{in_file:?}"), format!("{in_model:?}"));
        }
    }
    differences
}

/// The same outcome. A file that names no code leaves it open.
fn alike(one: &Expected, other: &Expected) -> bool {
    match (one, other) {
        (Expected::Failure { codes: one }, Expected::Failure { codes: other }) => {
            one.is_empty() || other.is_empty() || one == other
        }
        _ => one == other,
    }
}

#[test]
fn the_model_gives_every_script_the_truth_of_its_file() {
    let mut wrong = Vec::new();
    let mut used = std::collections::HashSet::new();
    for scenario in scenario::all() {
        for (key, difference) in differences(scenario, &truth(scenario)) {
            match EXCEPTIONS.iter().find(|(name, except, _)| *name == scenario.name() && *except == key) {
                Some(exception) => drop(used.insert((exception.0, exception.1))),
                None => wrong.push(difference),
            }
        }
    }
    assert!(wrong.is_empty(), "{} differences:\n{}", wrong.len(), wrong.join("\n"));
    let unused: Vec<_> = EXCEPTIONS.iter().filter(|(name, key, _)| !used.contains(&(*name, *key))).collect();
    assert!(unused.is_empty(), "nothing differs any more: {unused:?}");
}

/// What released clients do and no document forbids weighs less.
#[test]
fn what_correct_clients_differ_in_is_let_pass() {
    let truth = |text: &str| serde_json::from_str::<Recipe>(text).unwrap().scenario().truth;
    let cut = truth(r#"{"trouble":"cut","at":"first-poll"}"#);
    assert_eq!((cut.right, cut.tolerated), (vec![Expected::Success], vec![Expected::Indeterminate]));
    assert!(cut.demanded.iter().all(|demand| demand.target == Target::Write || demand.at_least <= 1));
    let unread = truth(r#"{"first":"accepted","headers":"operation"}"#);
    assert!(unread.tolerated.contains(&Expected::Indeterminate), "the resource may not be there yet");
    assert!(!truth(r#"{"first":"created","headers":"operation"}"#).tolerated.contains(&Expected::Indeterminate));
    for headers in ["monitor", "operation"] {
        let odd = truth(&format!(r#"{{"headers":"{headers}","trouble":"empty-status","at":"first-poll"}}"#));
        assert_eq!(odd.softened["LRO-C-44"], "A-12", "{headers}");
    }
    let itself = truth(r#"{"headers":"result","form":"itself","end":"canceled"}"#);
    assert_eq!(itself.softened["LRO-C-37"], "A-03");
}

#[test]
fn a_row_is_the_same_whenever_it_is_drawn() {
    let (one, other) = (Draws::new(7, Grammar::everything()), Draws::new(7, Grammar::everything()));
    for index in [5000, 3, 600, 599, 0, 20_000] {
        assert_eq!(one.case(index), other.case(index), "{index}");
    }
    assert_ne!(one.case(0), Draws::new(8, Grammar::everything()).case(0));
}

#[test]
fn a_scenario_is_written_as_it_is_read() {
    let draws = Draws::new(3, Grammar::everything());
    let generated = (0..400).map(|index| draws.case(index).scenario());
    let mut wrong = Vec::new();
    for scenario in scenario::all().iter().cloned().chain(generated) {
        let text = scenario.to_toml();
        match scenario::read("written.toml", &text) {
            Ok(read) => assert_eq!(read, [scenario], "{text}"),
            Err(error) => wrong.push(format!("{error}\n{text}")),
        }
    }
    assert!(
        wrong.is_empty(),
        "{} can't be read, such as {}",
        wrong.len(),
        wrong.iter().take(3).cloned().collect::<String>()
    );
}

#[test]
fn what_is_simpler_is_smaller_and_settled() {
    let draws = Draws::new(4, Grammar::everything());
    for recipe in (0..200).map(|index| draws.case(index)) {
        assert_eq!(recipe.settled(), recipe);
        for simpler in recipe.simpler() {
            assert_eq!(simpler.settled(), simpler);
            assert!(simpler.answers() <= recipe.answers() && simpler != recipe, "{recipe:?}\n{simpler:?}");
        }
    }
}

#[test]
fn shrinking_keeps_what_makes_it_fail_and_nothing_else() {
    let draws = Draws::new(5, Grammar::everything());
    let fails = |recipe: &Recipe| recipe.end == End::Failed && recipe.envelope == Envelope::Deep;
    let recipe = (0..2000).map(|index| draws.case(index)).find(|recipe| fails(recipe) && recipe.answers() > 8).unwrap();
    let shrunk = shrink(&recipe, fails, 1000);
    assert!(shrunk.is_smallest);
    let smallest = Recipe { task: shrunk.recipe.task, end: End::Failed, envelope: Envelope::Deep, ..Recipe::default() };
    assert_eq!(
        shrunk.recipe,
        Recipe { headers: shrunk.recipe.headers, ..smallest }.settled(),
        "{}",
        shrunk.recipe.title()
    );
    assert_eq!(shrunk.recipe.answers(), 2);
    // Out of tries: the best so far.
    let shrunk = shrink(&recipe, fails, 1);
    assert!(!shrunk.is_smallest && shrunk.tried == 1 && fails(&shrunk.recipe));
}

#[test]
fn a_recipe_can_be_kept() {
    let recipe = Draws::new(6, Grammar::everything()).case(17);
    let text = serde_json::to_string(&recipe).unwrap();
    assert_eq!(serde_json::from_str::<Recipe>(&text).unwrap(), recipe, "{text}");
    assert_eq!(serde_json::from_str::<Recipe>(r#"{"task":"patch"}"#).unwrap().task, Task::Patch);
}

#[test]
fn a_body_gets_smaller_by_steps() {
    for body in [Body::Valid, Body::WithNull, Body::Unusual, Body::Invalid] {
        let of = |steps| {
            Recipe { body, body_seed: 9, body_steps: steps, ..Recipe::default() }.drawn_body().unwrap().to_string()
        };
        assert_eq!(of(0), of(0));
        assert!(of(100_000).len() <= of(0).len(), "{body:?}: {}\n{}", of(0), of(100_000));
    }
    assert_eq!(Recipe::default().drawn_body(), None);
}

/// The service refuses the bodies that the rules for profiles refuse, and no other, however simple they were
/// made; and says which member is wrong.
#[test]
fn what_is_refused_is_what_the_rules_refuse() {
    let mut refused = 0;
    for body_seed in 0..20 {
        for (body, ..) in Body::ALL {
            for body_steps in [0, 3, 100_000] {
                let recipe = Recipe { body: *body, body_seed, body_steps, ..Recipe::default() }.settled();
                let subject = recipe.dress(scenario::Subject::profile("Mine"));
                let errors = crate::profile::judge(subject.body.to_string().as_bytes());
                let is_wrong = errors.iter().any(|error| error.rule.severity == crate::profile::Severity::Error);
                let scenario = recipe.scenario();
                let is_refused = scenario.answers(scenario::Target::Write)[0].status == Some(400);
                assert_eq!(is_wrong, is_refused, "{recipe:?}: {errors:?}\n{}", subject.body);
                if is_refused {
                    let text = &scenario.bodies["refusal"];
                    assert!(text.contains(r#""target":""#) && text.contains("PROFILE-"), "{text}");
                    refused += 1;
                }
            }
        }
    }
    assert_eq!(refused, 60);
}

/// The dimensions as docs/generated.md has them.
#[test]
fn the_document_has_the_grammar() {
    let mut table = "| dimension | choices |\n| --- | --- |\n".to_owned();
    for dimension in Recipe::dimensions() {
        let letter = |kind: Kind| match kind {
            Kind::Normal => "N",
            Kind::Tricky => "T",
            Kind::Fault => "F",
            Kind::Misbehaving => "M",
            Kind::Security => "X",
        };
        let choices = dimension
            .choices
            .iter()
            .map(|choice| format!("`{}` {}: {}", choice.name, letter(choice.kind), choice.words));
        let name = dimension.name.replace('_', "-");
        table.push_str(&format!("| `{name}` | {} |\n", choices.collect::<Vec<_>>().join("<br>")));
    }
    let document = fs_err::read_to_string("docs/generated.md").unwrap();
    assert!(document.contains(&table), "docs/generated.md lacks this:\n\n{table}");
}
