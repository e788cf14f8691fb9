"""A class as Canvas and Moodle export it: its gradebook, and an archive of what was handed in."""

import zipfile

CANVAS = """\
Student,ID,SIS User ID,SIS Login ID,Integration ID,Section,Notes,numbers (4711),Essay (12),Final Score
,,,,,,,Manual Posting,,
    Points Possible,,,,,,(read only),28.00,10.00,(read only)
"Lovelace, Ada",101,S1,ada,,"Monday, B and Tuesday",shy,20.00,9.00,88.00
"Pascal, Blaise",102,S2,Blaise,,Monday,,,,
"du Châtelet, Émilie",105,S5,émilie,,Monday,,,EX,
"Maier, Dora",104,S4,dora,,Monday,,1.00,,
"Noether, Emil",106,S6,emil,,Monday,,2.00,,
"Gauss, Carl",103,S3,carl,,Monday,,5.00,,
"Student, Test",107,,f00,,Monday,,,,
"""  # noqa: E501

MOODLE = """\
Vorname;Nachname;ID-Nummer;E-Mail-Adresse;Kurs gesamt;Zuletzt aus diesem Kurs geladen
Ada;Lovelace;S1;Ada@Example.edu;-;1700000000
Blaise;Pascal;S2;blaise@example.edu;-;1700000000
Émilie;du Châtelet;S5;emilie@example.edu;-;1700000000
Carl;Gauss;S3;carl@example.edu;-;1700000000
Dora;Maier;S4;dora@example.edu;-;1700000000
"""


def archive(course, files, name="submissions.zip"):
    path = course / name
    with zipfile.ZipFile(path, "w") as packed:
        for file, content in files.items():
            packed.writestr(file, content)
    return path
