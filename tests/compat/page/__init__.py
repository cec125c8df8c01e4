"""docs/compatibility.md, written from what the running code does: `python -m tests.compat.page`.

    calls      what boto3 asks of every operation, with every parameter and every value that the
               model names, on regions in this process
    recorder   asks it, and notes what was answered and which members the operation looked at
    facts      what the notes say of each operation, beside botocore's model
    decisions  the cases of docs/decisions/0005, each asked anew
    text       the page

Nothing on the page says "yes" by itself: take an operation or a parameter out of the code, and the
page says so the next time it is written; a quick test (test_page.py) compares.
"""
