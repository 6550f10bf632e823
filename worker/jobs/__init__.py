"""The functions behind the job kinds; each is short, and safe to run twice."""
