"""The query protocol of AWS, which IAM and STS speak: forms in, XML out.

Source: Smithy, "AWS query protocol"; botocore's QuerySerializer and QueryParser;
recorded answers of STS for what is refused.
"""
