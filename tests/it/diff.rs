//! Two recordings compared.

use crate::harness::{Harness, shows};

/// `tape.json`, and `b.json` that differs from it in several ways.
fn changed() -> Harness {
    let harness = Harness::with_tape();
    let text = harness.read("tape.json");
    let text = text.replacen("\"retry-after\": \"3\"", "\"retry-after\": \"10\"", 1);
    let text = text.replace("\"location\": \"westus\"", "\"location\": \"west\\u001b[31mus\"");
    harness.write("b.json", text);
    harness
}

#[test]
fn what_differs_is_told_in_words() {
    let harness = changed();
    shows!(harness, harness.armtape(&["diff", "tape.json", "b.json"]), @r#"
    exit 1
    ----- stdout
    PUT /subscriptions/s/resourceGroups/g/providers/Microsoft.Test/things/a?api-version=1
      behavioural  request body has `location` "westus" → "west\u001b[31mus"
      behavioural  `Retry-After` 3 → 10 [answer]

              },
              "body": {
                "json": {
        -         "location": "westus",
        +         "location": "west\u001b[31mus",
                  "properties": {
                    "size": 1,
                    "color": "red"
        …
              "status": 202,
              "headers": {
                "location": "https://management.azure.com/subscriptions/s/operations/1?api-version=1",
        -       "retry-after": "3"
        +       "retry-after": "10"
              }
            }
          }
    ----- stderr
    armtape: 2 changes: 2 behavioural
    "#);
    shows!(harness, harness.armtape(&["diff", "--json", "tape.json", "b.json"]), @r#"
    exit 1
    ----- stdout
    {
      "armtape": 1,
      "files": [
        {
          "left": "tape.json",
          "right": "b.json",
          "class": "behavioural",
          "changes": [
            {
              "class": "behavioural",
              "words": "request body has `location` \"westus\" → \"west\\u001b[31mus\"",
              "operation": "PUT /subscriptions/s/resourceGroups/g/providers/Microsoft.Test/things/a?api-version=1",
              "id": "put-a",
              "place": {
                "parts": [
                  "request"
                ],
                "left": 0,
                "right": 0
              }
            },
            {
              "class": "behavioural",
              "words": "`Retry-After` 3 → 10",
              "operation": "PUT /subscriptions/s/resourceGroups/g/providers/Microsoft.Test/things/a?api-version=1",
              "id": "put-a",
              "place": {
                "parts": [
                  "answer"
                ],
                "left": 0,
                "right": 0
              }
            }
          ]
        }
      ]
    }
    "#);
}

#[test]
fn nothing_is_told_of_what_is_the_same() {
    let harness = changed();
    shows!(harness, harness.armtape(&["diff", "tape.json", "tape.json"]), @"
    exit 0
    ----- stderr
    armtape: nothing differs
    ");
    shows!(harness, harness.armtape(&["diff", "tape.json", "absent.json"]), @"
    exit 2
    ----- stderr
    error: absent.json: No such file or directory
    hint: check the path, or record it first: `armtape record --cassette FILE -- CLIENT`
    ");
}

#[test]
fn folders_are_compared_by_the_names_in_them() {
    let harness = changed();
    for (name, from) in
        [("a/x.json", "tape.json"), ("b/x.json", "b.json"), ("a/y.json", "tape.json"), ("b/z.json", "tape.json")]
    {
        harness.write(name, harness.read(from));
    }
    harness.write("b/package.json", "{}");
    shows!(harness, harness.armtape(&["diff", "a", "b"]), @r#"
    exit 1
    ----- stdout
    a/x.json

    PUT /subscriptions/s/resourceGroups/g/providers/Microsoft.Test/things/a?api-version=1
      behavioural  request body has `location` "westus" → "west\u001b[31mus"
      behavioural  `Retry-After` 3 → 10 [answer]

              },
              "body": {
                "json": {
        -         "location": "westus",
        +         "location": "west\u001b[31mus",
                  "properties": {
                    "size": 1,
                    "color": "red"
        …
              "status": 202,
              "headers": {
                "location": "https://management.azure.com/subscriptions/s/operations/1?api-version=1",
        -       "retry-after": "3"
        +       "retry-after": "10"
              }
            }
          }

    a/y.json

    PUT /subscriptions/s/resourceGroups/g/providers/Microsoft.Test/things/a?api-version=1
      behavioural  is gone (answered 202 with Location)

        - {
        -   "request": {
        -     "method": "PUT",
        -     "target": "/subscriptions/s/resourceGroups/g/providers/Microsoft.Test/things/a?api-version=1",
        -     "scheme": "https",
        -     "authority": "management.azure.com",
        -     "headers": {
        -       "content-type": "application/json"
        -     },
        -     "body": {
        -       "json": {
        -         "location": "westus",
        -         "properties": {
        -           "size": 1,
        -           "color": "red"
        -         }
        -       },
        -       "spacing": "compact"
        -     }
        -   },
        -   "response": {
        -     "status": 202,
        -     "headers": {
        -       "location": "https://management.azure.com/subscriptions/s/operations/1?api-version=1",
        -       "retry-after": "3"
        -     }
        -   }
        - }
        - {
        -   "request": {
        -     "method": "GET",
        -     "target": "/subscriptions/s/operations/1?api-version=1",
        -     "scheme": "https",
        -     "authority": "management.azure.com"
        -   },
        -   "response": {
        -     "status": 202,
        -     "headers": {
        -       "location": "https://management.azure.com/subscriptions/s/operations/1?api-version=1",
        -       "retry-after": "1"
        … and 29 more lines (`--lines 0` shows all)

    a/z.json

    PUT /subscriptions/s/resourceGroups/g/providers/Microsoft.Test/things/a?api-version=1
      additive     is new (answers 202 with Location)

        + {
        +   "request": {
        +     "method": "PUT",
        +     "target": "/subscriptions/s/resourceGroups/g/providers/Microsoft.Test/things/a?api-version=1",
        +     "scheme": "https",
        +     "authority": "management.azure.com",
        +     "headers": {
        +       "content-type": "application/json"
        +     },
        +     "body": {
        +       "json": {
        +         "location": "westus",
        +         "properties": {
        +           "size": 1,
        +           "color": "red"
        +         }
        +       },
        +       "spacing": "compact"
        +     }
        +   },
        +   "response": {
        +     "status": 202,
        +     "headers": {
        +       "location": "https://management.azure.com/subscriptions/s/operations/1?api-version=1",
        +       "retry-after": "3"
        +     }
        +   }
        + }
        + {
        +   "request": {
        +     "method": "GET",
        +     "target": "/subscriptions/s/operations/1?api-version=1",
        +     "scheme": "https",
        +     "authority": "management.azure.com"
        +   },
        +   "response": {
        +     "status": 202,
        +     "headers": {
        +       "location": "https://management.azure.com/subscriptions/s/operations/1?api-version=1",
        +       "retry-after": "1"
        … and 29 more lines (`--lines 0` shows all)
    ----- stderr
    armtape: passed over: b/package.json is no recording
    armtape: 4 changes: 3 behavioural, 1 additive
    "#);
    shows!(harness, harness.armtape(&["diff", "a", "b.json"]), @"
    exit 2
    ----- stderr
    error: a file and a folder cannot be compared
    hint: name two files or two folders
    ");
}
