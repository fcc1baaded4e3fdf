# Reads reports in JUnit's format as "deno test --junit-path" writes them and prints how many tests
# passed and failed: "PASSED FAILED". Ignored tests count as neither. A step of a test is an entry of
# its own there, named "TEST > STEP": it counts with its test.

function attribute(line, name) {
  if (!match(line, "[ \t]" name "=\"[^\"]*\"")) return ""
  line = substr(line, RSTART + length(name) + 3, RLENGTH - length(name) - 4)
  return line
}

function is_step(name,   end) {
  end = 0
  while ((rest = index(substr(name, end + 1), " &gt; ")) > 0) {
    end += rest
    if ((suite, substr(name, 1, end - 1)) in seen) return 1
  }
  return 0
}

function finish() {
  if (open && !step) {
    if (bad) failed++
    else if (!skipped) passed++
  }
  open = 0
}

# A test's own words, quotes of source code among them, are escaped, so no line of theirs starts so.
/^[ \t]*<testsuite / { suite++ }
/^[ \t]*<testcase / {
  finish()
  name = attribute($0, "name")
  step = is_step(name)
  seen[suite, name] = 1
  open = 1
  bad = 0
  skipped = 0
}
/^[ \t]*<(failure|error)[ >]/ { bad = 1 }
/^[ \t]*<skipped/ { skipped = 1 }
/^[ \t]*<\/testcase>/ { finish() }
END {
  finish()
  print passed + 0, failed + 0
}
