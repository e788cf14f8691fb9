"""Grading a class: what stands between what students hand in and their marks.

    python -m grading.preflight submitted/            what in the submissions is wrong
    python -m grading.grade numbers                   grade them and account for each
    python -m grading.marks numbers theirs.csv to.csv marks for Canvas or Moodle

Started in the folder that holds this package and nbgrader_config.py. A submission is mended in one
place, `mending`; `preprocessors` makes that a step of nbgrader's own, so that its command and its
buttons give the same marks.
"""
