"""Pull requests at GitHub, GitLab, Gitea and Bitbucket: one is found, opened or brought up to date, and nothing else.

    place       a repository's address as it is cloned -> host and path
    choice      which forge that is, where its API is, and which token goes there
    client      HTTP with the token for one origin, and what the answers mean that are none
    request     the interface, and the recipe: find, else open, else look again
    github, gitlab, gitea, bitbucket    one file each: its paths and its fields

It knows neither the registry nor git: it gets an address, the names of two branches and texts, and gives back the
address of the request. Texts come ready for Markdown. What forges call pull request or merge request is *request* here.
"""
