"""Random JSON Schemas and records, judged by Python's jsonschema and by Tarn.

json_schema_lines.py PROGRAM SEED SCHEMAS

PROGRAM reads lines "S SCHEMA" and "D DOCUMENT" and answers each with "0 ..." or
another status; see json_schema_lines.c.
"""
import json
import random
import subprocess
import sys

from jsonschema import Draft202012Validator

WORDS = ["", "a", "ab", "abc", "zz", "a1", "\u00e9", "\U0001f600x", "A B",
         "2024-02-29", "2023-02-29", "7d444840-9dc0-11d1-b245-5ffdce74fad2"]
NUMBERS = [0, 1, -1, 2, 3, 7, 10, 1.0, 0.5, -2.5, 1e2, 2 ** 63, -2 ** 63 - 1,
           12345678901234567890123, 1.25, 100]
NAMES = ["a", "b", "c", "ab", "a.b", "x-y", "\u00fc", "long name of a member"]
PATTERNS = ["^a", "b$", "^[a-c]*$", "\\d", "^.{2,3}$", "^$", "(ab|z)+", "[^a]"]
TYPES = ["null", "boolean", "integer", "number", "string", "array", "object"]


class Maker:
    def __init__(self, seed):
        self.r = random.Random(seed)
        self.defs = []

    def value(self, depth=0):
        kind = self.r.randrange(6 if depth > 2 else 8)
        if kind == 0:
            return None
        if kind == 1:
            return self.r.random() < 0.5
        if kind in (2, 3):
            return self.r.choice(NUMBERS)
        if kind in (4, 5):
            return self.r.choice(WORDS)
        if kind == 6:
            return [self.value(depth + 1) for _ in range(self.r.randrange(4))]
        return {self.r.choice(NAMES): self.value(depth + 1)
                for _ in range(self.r.randrange(4))}

    def some(self, make, most=3, least=1):
        return [make() for _ in range(self.r.randint(least, most))]

    def members(self, depth):
        return {self.r.choice(NAMES): self.schema(depth + 1)
                for _ in range(self.r.randrange(4))}

    def schema(self, depth=0):
        r = self.r
        if r.random() < 0.06:
            return r.random() < 0.7
        s = {}
        if r.random() < 0.5:
            s["type"] = (r.choice(TYPES) if r.random() < 0.7
                         else r.sample(TYPES, r.randint(1, 3)))
        sub = lambda: self.schema(depth + 1)
        count = lambda: r.choice([0, 1, 2, 3, 2.0])
        number = lambda: r.choice(NUMBERS)
        makers = {
            "enum": lambda: self.some(self.value, 4),
            "const": self.value,
            "minimum": number, "maximum": number,
            "exclusiveMinimum": number, "exclusiveMaximum": number,
            "multipleOf": lambda: r.choice([1, 2, 0.5, 3, 0.25, 10]),
            "minLength": count, "maxLength": count,
            "pattern": lambda: r.choice(PATTERNS),
            "minItems": count, "maxItems": count,
            "uniqueItems": lambda: r.random() < 0.8,
            "minProperties": count, "maxProperties": count,
            "required": lambda: r.sample(NAMES, r.randint(0, 2)),
            "dependentRequired": lambda: {
                r.choice(NAMES): r.sample(NAMES, r.randint(0, 2))},
        }
        if depth < 3:
            makers.update({
                "properties": lambda: self.members(depth),
                "additionalProperties": sub,
                "patternProperties": lambda: {r.choice(PATTERNS): sub()},
                "propertyNames": sub,
                "dependentSchemas": lambda: {r.choice(NAMES): sub()},
                "items": sub, "prefixItems": lambda: self.some(sub),
                "contains": sub, "minContains": count, "maxContains": count,
                "anyOf": lambda: self.some(sub), "oneOf": lambda: self.some(sub),
                "allOf": lambda: self.some(sub), "not": sub,
                "if": sub, "then": sub, "else": sub,
                "$ref": lambda: "#/$defs/" + r.choice(["one", "two", "three"]),
            })
        for name in r.sample(sorted(makers), min(r.choice([0, 1, 1, 2, 3]),
                                                 len(makers))):
            s[name] = makers[name]()
        return s

    def whole(self):
        s = {"name": "t", "version": "1.0.0"}
        # A schema that only properties lead to never leads back to itself.
        s["properties"] = {n: self.schema(1) for n in NAMES[:4]}
        if self.r.random() < 0.3:
            s["additionalProperties"] = self.schema(2)
        s["$defs"] = {"one": self.schema(3), "two": self.schema(4),
                      "three": {"properties": {"a": {"$ref": "#/$defs/three"},
                                               "b": self.schema(3)}}}
        return s

    def text(self, value):
        return json.dumps(value, ensure_ascii=self.r.random() < 0.5,
                          separators=self.r.choice([(",", ":"), (" , ", " : ")]))


def main():
    program, seed, count = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    maker = Maker(seed)
    lines, wanted = [], []
    for _ in range(count):
        schema = maker.whole()
        judge = Draft202012Validator(schema)
        lines.append("S " + maker.text(schema))
        wanted.append(None)
        for _ in range(12):
            doc = {n: maker.value() for n in maker.r.sample(NAMES, 4)}
            lines.append("D " + maker.text(doc))
            wanted.append(judge.is_valid(doc))
    answers = subprocess.run([program], input="\n".join(lines) + "\n",
                             capture_output=True, text=True, check=True)
    got = answers.stdout.split("\n")
    bad = valid = invalid = 0
    schema = ""
    for line, want, answer in zip(lines, wanted, got, strict=False):
        ok = answer.split(" ")[0] == "0"
        if want is None:
            schema = line
            want = True
        elif want:
            valid += 1
        else:
            invalid += 1
        if ok != want:
            bad += 1
            if bad <= 5:
                print(f"{schema}\n{line}\njsonschema: {want}, tarn: {answer}\n")
    print(f"seed {seed}: {valid} valid and {invalid} invalid records of "
          f"{count} schemas, {bad} judged otherwise")
    sys.exit(bad > 0 or min(valid, invalid) < count or len(got) <= len(lines) - 1)


main()
